package sos

import (
	"context"
	"crypto/ed25519"
	"errors"
	"sync"
	"time"

	"github.com/loveapp/backend/shared/token"
)

// readyKeys answers for every key that has been seen without asking anybody: a
// call for help must not be the one request in ten minutes that waits for auth.
type readyKeys struct {
	source token.KeySource
	mu     sync.RWMutex
	seen   map[string]ed25519.PublicKey
}

func newReadyKeys(source token.KeySource) *readyKeys {
	return &readyKeys{source: source, seen: make(map[string]ed25519.PublicKey)}
}

// Key implements token.KeySource.
func (k *readyKeys) Key(ctx context.Context, kid string) (ed25519.PublicKey, error) {
	k.mu.RLock()
	key, ok := k.seen[kid]
	k.mu.RUnlock()
	if ok {
		return key, nil
	}
	return k.ask(ctx, kid)
}

// ask drops a key that is published no more, and keeps one that nobody can be asked about.
func (k *readyKeys) ask(ctx context.Context, kid string) (ed25519.PublicKey, error) {
	key, err := k.source.Key(ctx, kid)
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case err == nil:
		k.seen[kid] = key
	case errors.Is(err, token.ErrUnknownKey):
		delete(k.seen, kid)
	}
	return key, err
}

// nobodysKey is asked for to make the source look for news: no key has this name.
const nobodysKey = "-"

// keepFresh asks about every key again and again until ctx ends, at once the first time.
func (k *readyKeys) keepFresh(ctx context.Context, every time.Duration) error {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		_, _ = k.source.Key(ctx, nobodysKey)
		for _, kid := range k.kids() {
			_, _ = k.ask(ctx, kid)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}

func (k *readyKeys) kids() []string {
	k.mu.RLock()
	defer k.mu.RUnlock()
	kids := make([]string, 0, len(k.seen))
	for kid := range k.seen {
		kids = append(kids, kid)
	}
	return kids
}
