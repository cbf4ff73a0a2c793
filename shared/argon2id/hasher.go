package argon2id

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"runtime"
	"time"
)

// Hasher hashes and checks secrets that people remember, behind a bounded
// queue. It may be used by many goroutines.
type Hasher struct {
	params Params
	queue  *queue
	dummy  phc // what a secret that does not exist is compared with
}

// New measures one hash, so that the queue knows from the first request on how
// long a turn takes. One processor is left to everything else.
func New(params Params) *Hasher {
	dummy := newPHC(params)
	start := time.Now()
	dummy.key = dummy.derive(rand.Text())
	return &Hasher{params: params, dummy: dummy, queue: newQueue(max(1, runtime.GOMAXPROCS(0)-1), time.Since(start))}
}

func newPHC(params Params) phc {
	salt := make([]byte, saltBytes)
	_, _ = rand.Read(salt) // never fails (Go 1.24)
	return phc{params: params, salt: salt, key: make([]byte, keyBytes)}
}

// Hash gives a PHC string with a new salt. Like Check it waits its turn and
// fails with fault.Unavailable where that would take too long.
func (h *Hasher) Hash(ctx context.Context, secret string) (string, error) {
	hash := newPHC(h.params)
	err := h.queue.do(ctx, func() { hash.key = hash.derive(secret) })
	if err != nil {
		return "", err
	}
	return hash.String(), nil
}

// Check compares in constant time; "" is the stored hash of what does not exist:
// it takes as long as any other and never matches. stale means that the hash was
// made with other parameters than Hash uses now. A stored hash that cannot be
// read is an error of ours, but costs a turn too: it must not tell people apart.
func (h *Hasher) Check(ctx context.Context, secret, stored string) (matches, stale bool, err error) {
	hash, unreadable := h.dummy, error(nil)
	if stored != "" {
		if hash, unreadable = parsePHC(stored); unreadable != nil {
			hash = h.dummy
		}
	}
	err = h.queue.do(ctx, func() {
		matches = subtle.ConstantTimeCompare(hash.derive(secret), hash.key) == 1
	})
	if err == nil && unreadable != nil {
		err = fmt.Errorf("check a secret: %w", unreadable)
	}
	return matches && stored != "" && err == nil, hash.params != h.params || len(hash.key) != keyBytes, err
}
