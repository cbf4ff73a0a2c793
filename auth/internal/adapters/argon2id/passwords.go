package argon2id

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"runtime"
	"time"

	"github.com/loveapp/backend/auth/internal/domain"
)

// Passwords hashes and checks passwords behind a bounded queue.
type Passwords struct {
	params Params
	queue  *queue
	dummy  phc // what the password of a user who does not exist is compared with
}

// New measures one hash, so that the queue knows from the first request on how
// long a turn takes. One processor is left to everything else.
func New(params Params) *Passwords {
	dummy := newPHC(params)
	start := time.Now()
	dummy.key = dummy.derive(rand.Text())
	return &Passwords{params: params, dummy: dummy, queue: newQueue(max(1, runtime.GOMAXPROCS(0)-1), time.Since(start))}
}

func newPHC(params Params) phc {
	salt := make([]byte, saltBytes)
	_, _ = rand.Read(salt) // never fails (Go 1.24)
	return phc{params: params, salt: salt, key: make([]byte, keyBytes)}
}

// Hash gives a PHC string.
func (p *Passwords) Hash(ctx context.Context, password domain.Password) (string, error) {
	hash := newPHC(p.params)
	err := p.queue.do(ctx, func() { hash.key = hash.derive(string(password)) })
	if err != nil {
		return "", err
	}
	return hash.String(), nil
}

// Check compares in constant time. A stored hash that cannot be read is an
// error of ours, but costs a turn too: it must not tell accounts apart.
func (p *Passwords) Check(ctx context.Context, password domain.Password, stored string) (matches, stale bool, err error) {
	hash, unreadable := p.dummy, error(nil)
	if stored != "" {
		if hash, unreadable = parsePHC(stored); unreadable != nil {
			hash = p.dummy
		}
	}
	err = p.queue.do(ctx, func() {
		matches = subtle.ConstantTimeCompare(hash.derive(string(password)), hash.key) == 1
	})
	if err == nil && unreadable != nil {
		err = fmt.Errorf("check a password: %w", unreadable)
	}
	return matches && stored != "" && err == nil, hash.params != p.params || len(hash.key) != keyBytes, err
}
