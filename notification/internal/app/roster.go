package app

import (
	"slices"
	"sync"

	"github.com/loveapp/backend/notification/internal/domain"
)

// roster knows the sessions of this instance.
type roster struct {
	mu     sync.RWMutex
	byUser map[domain.UserID][]*Session // a handful each; never changed in place
	count  int
}

func newRoster() *roster { return &roster{byUser: map[domain.UserID][]*Session{}} }

func (r *roster) add(s *Session) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.byUser[s.user] = append(slices.Clip(r.byUser[s.user]), s)
	r.count++
}

// remove tells whether s was there.
func (r *roster) remove(s *Session) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	old := r.byUser[s.user]
	at := slices.Index(old, s)
	if at < 0 {
		return false
	}
	r.count--
	if len(old) == 1 {
		delete(r.byUser, s.user)
		return true
	}
	r.byUser[s.user] = slices.Concat(old[:at], old[at+1:])
	return true
}

// of gives the sessions of a user; the slice must not be changed.
func (r *roster) of(user domain.UserID) []*Session {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.byUser[user]
}

func (r *roster) has(s *Session) bool { return slices.Contains(r.of(s.user), s) }

func (r *roster) users() []domain.UserID {
	r.mu.RLock()
	defer r.mu.RUnlock()
	users := make([]domain.UserID, 0, len(r.byUser))
	for user := range r.byUser {
		users = append(users, user)
	}
	return users
}

func (r *roster) all() []*Session { return r.appendTo(nil) }

// appendTo is all into a slice that may have room already.
func (r *roster) appendTo(sessions []*Session) []*Session {
	r.mu.RLock()
	defer r.mu.RUnlock()
	sessions = slices.Grow(sessions, r.count)
	for _, some := range r.byUser {
		sessions = append(sessions, some...)
	}
	return sessions
}

func (r *roster) size() int {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.count
}
