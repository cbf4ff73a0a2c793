package token_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/loveapp/backend/shared/token"
)

// kept is a ledger in memory that may fail.
type kept struct {
	mu       sync.Mutex
	revision int64
	items    []token.Revocation
	broken   bool
}

var errBroken = errors.New("the ledger cannot be reached")

func (k *kept) Load(context.Context, time.Duration) (int64, []token.Revocation, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.broken {
		return 0, nil, errBroken
	}
	return k.revision, slices.Clone(k.items), nil
}

func (k *kept) Keep(_ context.Context, revision int64, items []token.Revocation) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.broken {
		return errBroken
	}
	k.revision, k.items = revision, append(k.items, items...)
	return nil
}

func (k *kept) setBroken(broken bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.broken = broken
}

const long = 400 * 24 * time.Hour

func TestWhatALedgerKeptIsKnownAfterARestart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l, k := &ledger{}, &kept{}
		l.revoke(revocation{SessionID: "old", At: time.Now()})
		running(t, l, token.FeedConfig{Ledger: k, Retain: long})

		l.restore(revocation{SessionID: "forgotten by auth", At: time.Now()}, revocation{SessionID: "new", At: time.Now()})
		f := running(t, l, token.FeedConfig{Ledger: k, Retain: long})
		for _, session := range []string{"old", "new"} {
			if !f.Revoked(of(session, "u", time.Now())) {
				t.Errorf("session %q is alive", session)
			}
		}
		if asked := l.requests(); asked[len(asked)-1] != "1" {
			t.Errorf("the second start asked for what came after %s, want 1", asked[len(asked)-1])
		}
	})
}

func TestAKeptRevocationLivesFromWhenItWasMade(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l, k := &ledger{}, &kept{revision: 1, items: []token.Revocation{{Revision: 1, SessionID: "s", At: time.Now()}}}
		l.revoke(revocation{SessionID: "s", At: time.Now()})
		time.Sleep(time.Hour)
		f := running(t, l, token.FeedConfig{Ledger: k, Retain: 90 * time.Minute})
		if !f.Revoked(of("s", "u", time.Now())) {
			t.Error("alive after an hour of one and a half")
		}
		time.Sleep(time.Hour)
		if f.Revoked(of("s", "u", time.Now())) {
			t.Error("revoked after two hours of one and a half")
		}
	})
}

func TestAListFromTheBeginningReplacesNothingThatALedgerKnows(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l, k := &ledger{}, &kept{}
		l.revoke(revocation{SessionID: "a", At: time.Now()}, revocation{SessionID: "b", At: time.Now()})
		f := running(t, l, token.FeedConfig{Ledger: k, Retain: long})
		l.restore(revocation{SessionID: "c", At: time.Now()})
		time.Sleep(3 * time.Second)
		for _, session := range []string{"a", "b", "c"} {
			if !f.Revoked(of(session, "u", time.Now())) {
				t.Errorf("session %q is alive", session)
			}
		}
	})
}

func TestWhatALedgerCouldNotTakeCountsAndIsKeptLater(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l, k := &ledger{}, &kept{}
		f := running(t, l, token.FeedConfig{Ledger: k, Retain: long})
		k.setBroken(true)
		l.revoke(revocation{SessionID: "s", At: time.Now()})
		time.Sleep(2 * time.Second)
		if !f.Revoked(of("s", "u", time.Now())) {
			t.Error("the session is alive although auth has told of it")
		}
		k.setBroken(false)
		time.Sleep(2 * time.Second)
		if revision, items, _ := k.Load(t.Context(), long); revision != 1 || len(items) != 1 {
			t.Errorf("kept %d items up to revision %d, want 1 and 1", len(items), revision)
		}
	})
}
