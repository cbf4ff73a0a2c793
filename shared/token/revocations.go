package token

import (
	"sync"
	"time"
)

// revocationItem is one revocation on the wire: of a session, or of all that
// was issued to a user before a moment.
type revocationItem struct {
	Revision  int64      `json:"revision"`
	SessionID string     `json:"sessionId"`
	UserID    string     `json:"userId"`
	Before    *time.Time `json:"before"`
	At        time.Time  `json:"at"`
}

// cutoff ends what was issued to a user before a moment.
type cutoff struct {
	before time.Time
	until  time.Time
}

// revoked is the exact set of what is revoked: no false answers either way. An
// entry lives as long as a token that it revokes can.
type revoked struct {
	mu       sync.RWMutex
	sessions map[string]time.Time // id → until when the entry is needed
	users    map[string]cutoff
	swept    time.Time
}

// covers tells whether claims are revoked. Milliseconds decide: a token issued
// in the millisecond of the cut-off is the first of the new ones.
func (r *revoked) covers(c Claims, now time.Time) bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if until, ok := r.sessions[c.SessionID]; ok && now.Before(until) {
		return true
	}
	cut, ok := r.users[c.Subject]
	return ok && now.Before(cut.until) && c.IssuedAt.UnixMilli() < cut.before.UnixMilli()
}

// apply adds items, or with whole replaces everything by them.
func (r *revoked) apply(items []revocationItem, whole bool, now time.Time, retain time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if whole || r.sessions == nil {
		r.sessions, r.users = make(map[string]time.Time, len(items)), make(map[string]cutoff)
	}
	for _, item := range items {
		r.add(item, now.Add(retain))
	}
	r.sweep(now)
}

func (r *revoked) add(item revocationItem, until time.Time) {
	if item.SessionID != "" {
		r.sessions[item.SessionID] = until
	}
	if item.UserID == "" || item.SessionID != "" && item.Before == nil {
		return // the user of a revoked session keeps the others
	}
	before := item.At
	if item.Before != nil {
		before = *item.Before
	}
	if known := r.users[item.UserID]; known.before.After(before) {
		before = known.before
	}
	r.users[item.UserID] = cutoff{before, until}
}

// sweep drops, once a minute, what no living token can be meant by.
func (r *revoked) sweep(now time.Time) {
	if now.Sub(r.swept) < time.Minute {
		return
	}
	r.swept = now
	for id, until := range r.sessions {
		if !now.Before(until) {
			delete(r.sessions, id)
		}
	}
	for id, cut := range r.users {
		if !now.Before(cut.until) {
			delete(r.users, id)
		}
	}
}
