// Package memory keeps what auth knows in process: for tests, and held to the
// same suites as PostgreSQL and Redis.
package memory

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/auth/internal/ports"
)

// Store is accounts, sessions, revocations and the journal. Transactions run
// one after the other on a copy that replaces the state when they succeed.
type Store struct {
	now func() time.Time

	mu    sync.Mutex
	state state
	seals []domain.Seal
}

type state struct {
	accounts    map[domain.UserID]domain.Account
	sessions    map[domain.SessionID]domain.Session
	identities  map[identity]linked
	factors     map[domain.UserID]domain.SecondFactor
	revocations []domain.Revocation // the revision of each is its index + 1
	events      []recorded
	post        post
	versions    map[domain.UserID]int64
}

// NewStore is empty; now is the store's clock.
func NewStore(now func() time.Time) *Store {
	return &Store{now: now, state: state{
		accounts: map[domain.UserID]domain.Account{},
		sessions: map[domain.SessionID]domain.Session{},
		post:     newPost(), versions: map[domain.UserID]int64{},
	}}
}

// Change runs work on a copy of the state.
func (s *Store) Change(ctx context.Context, work func(ports.Tx) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	next := state{
		accounts: maps.Clone(s.state.accounts), sessions: maps.Clone(s.state.sessions),
		identities: s.state.identities, factors: s.state.factors, // replaced whole at each change
		revocations: slices.Clone(s.state.revocations), events: slices.Clone(s.state.events),
		post: s.state.post.clone(), versions: s.state.versions,
	}
	if err := work(&tx{state: &next, now: s.now}); err != nil {
		return err
	}
	for id, account := range next.accounts {
		if s.state.accounts[id] != account {
			s.state.versions[id]++ // it is replaced below, and shared by both
		}
	}
	s.state = next
	return nil
}

func (s *Store) read(look func(state)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	look(s.state)
}
