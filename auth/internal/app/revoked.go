package app

import (
	"sync"
	"time"

	"github.com/loveapp/backend/auth/internal/domain"
)

const (
	// leastKept is how long a revocation is remembered at least, whatever a token's life.
	leastKept = 15 * time.Minute
	// keptMargin covers clocks that differ, and transactions that took long to commit.
	keptMargin = time.Minute
)

// Revoked is what this process knows to count no more: enough to judge every
// access token that can still be alive. It is safe for concurrent use.
type Revoked struct {
	life time.Duration

	mu       sync.RWMutex
	revision int64 // everything up to it is known
	sessions map[domain.SessionID]time.Time
	users    map[domain.UserID]cutOff
	swept    time.Time
}

// cutOff: tokens of a user issued before it count no more.
type cutOff struct{ before, at time.Time }

func newRevoked(tokenLife time.Duration) *Revoked {
	return &Revoked{
		life:     max(leastKept, tokenLife) + keptMargin,
		sessions: map[domain.SessionID]time.Time{},
		users:    map[domain.UserID]cutOff{},
	}
}

// Covers says whether a token of that session and user, issued then, counts no more.
func (r *Revoked) Covers(session domain.SessionID, user domain.UserID, issued time.Time) bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if _, ended := r.sessions[session]; ended {
		return true
	}
	cut, ok := r.users[user]
	return ok && issued.Before(cut.before)
}

// add takes revocations in; they may come twice and out of order.
func (r *Revoked) add(items []domain.Revocation) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, item := range items {
		if item.Session != "" {
			r.sessions[item.Session] = item.At
			continue
		}
		if item.Before.After(r.users[item.User].before) {
			r.users[item.User] = cutOff{item.Before, item.At}
		}
	}
}

func (r *Revoked) known() int64 {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.revision
}

// reached notes that everything up to revision has been added, and now and then
// forgets what no living token can meet.
func (r *Revoked) reached(revision int64, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.revision = revision
	if now.Sub(r.swept) < keptMargin {
		return
	}
	r.swept = now
	for id, at := range r.sessions {
		if now.Sub(at) > r.life {
			delete(r.sessions, id)
		}
	}
	for id, cut := range r.users {
		if now.Sub(cut.at) > r.life {
			delete(r.users, id)
		}
	}
}
