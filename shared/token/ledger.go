package token

import (
	"context"
	"fmt"
	"time"
)

// Revocation is one revocation: of a session, or of all that was issued to a user before a moment.
type Revocation = revocationItem

// Ledger keeps what a feed has learnt over restarts. A feed without one asks for
// the whole list at each start, and auth then leaves out what no living access
// token can meet: enough for whoever takes access tokens only. Whoever takes
// SOS credentials, which live longer, keeps a ledger.
type Ledger interface {
	// Load gives the revision that was reached, 0 at first, and what was kept of
	// the revocations made in the last retain.
	Load(ctx context.Context, retain time.Duration) (revision int64, items []Revocation, err error)
	// Keep adds items, some of which it may have already, and the revision reached with them.
	Keep(ctx context.Context, revision int64, items []Revocation) error
}

// open reads the ledger, once.
func (f *RevocationFeed) open(ctx context.Context) error {
	if f.cfg.Ledger == nil || f.opened {
		return nil
	}
	revision, items, err := f.cfg.Ledger.Load(ctx, f.cfg.Retain)
	if err != nil {
		return fmt.Errorf("read the ledger of revocations: %w", err)
	}
	f.known.restore(items, f.cfg.Retain)
	f.revision, f.opened = revision, true
	return nil
}

// keep writes news down. Until that succeeds the feed asks for them again.
func (f *RevocationFeed) keep(ctx context.Context, revision int64, items []Revocation) error {
	if f.cfg.Ledger == nil || revision == f.revision && len(items) == 0 {
		return nil
	}
	if err := f.cfg.Ledger.Keep(ctx, revision, items); err != nil {
		return fmt.Errorf("write the ledger of revocations: %w", err)
	}
	return nil
}

// restore adds what was kept; each lives on from when it was made.
func (r *revoked) restore(items []Revocation, retain time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.sessions == nil {
		r.sessions, r.users = make(map[string]time.Time, len(items)), make(map[string]cutoff)
	}
	for _, item := range items {
		r.add(item, item.At.Add(retain))
	}
}
