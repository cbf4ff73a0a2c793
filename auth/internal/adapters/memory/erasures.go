package memory

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/shared/tracing"
)

func (t *tx) EraseAccount(ctx context.Context, id domain.UserID, services []string) error {
	delete(t.state.accounts, id)
	t.eraseOrigins(id)
	maps.DeleteFunc(t.state.sessions, func(_ domain.SessionID, s domain.Session) bool { return s.UserID == id })
	maps.DeleteFunc(t.state.post.tokens, func(_ domain.TokenID, token domain.OneTimeToken) bool { return token.User == id })
	maps.DeleteFunc(t.state.post.messages, func(_ domain.MessageID, m queued) bool { return m.User == id })
	t.state.identities, t.state.factors = maps.Clone(t.state.identities), maps.Clone(t.state.factors)
	maps.DeleteFunc(t.state.identities, func(_ identity, link linked) bool { return link.user == id })
	delete(t.state.factors, id)
	for _, service := range services {
		t.state.post.erasures[holder{id, service}] = orderedErasure{domain.Erasure{User: id, Service: service, Trace: tracing.Carried(ctx)}, t.now()}
	}
	return nil
}

// Departed finds who has left for good.
func (s *Store) Departed(_ context.Context, at time.Time, limit int) ([]domain.UserID, error) {
	departed := []domain.UserID{}
	s.read(func(now state) {
		for id, account := range now.accounts {
			if account.Gone(at) {
				departed = append(departed, id)
			}
		}
	})
	slices.Sort(departed)
	return departed[:min(limit, len(departed))], nil
}

// DueErasures leases orders.
func (s *Store) DueErasures(_ context.Context, lease time.Duration, limit int) ([]domain.Erasure, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	leased := []domain.Erasure{}
	keys := slices.SortedFunc(maps.Keys(s.state.post.erasures), func(a, b holder) int {
		return cmp.Or(cmp.Compare(a.user, b.user), cmp.Compare(a.service, b.service))
	})
	for _, key := range keys {
		e := s.state.post.erasures[key]
		if e.due.After(now) || len(leased) == limit {
			continue
		}
		e.Tries++
		e.due = now.Add(lease)
		s.state.post.erasures[key] = e
		leased = append(leased, e.Erasure)
	}
	return leased, nil
}

// Erased forgets an order.
func (s *Store) Erased(_ context.Context, e domain.Erasure) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.state.post.erasures, holder{e.User, e.Service})
	return nil
}

// EraseLater puts an order off.
func (s *Store) EraseLater(_ context.Context, e domain.Erasure, pause time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := holder{e.User, e.Service}
	if kept, ok := s.state.post.erasures[key]; ok {
		kept.due = s.now().Add(pause)
		s.state.post.erasures[key] = kept
	}
	return nil
}

// Holding reads everything about a user.
func (s *Store) Holding(_ context.Context, id domain.UserID, limit int) (held domain.Holding, err error) {
	err = domain.ErrUserNotFound
	s.read(func(now state) {
		account, ok := now.accounts[id]
		if !ok {
			return
		}
		held.User, err = account.User, nil
		held.Identities, held.SecondFactor, held.Messages = now.ways(id), now.factors[id].Held(), now.letters(id)
		for _, session := range now.sessions {
			if session.UserID == id {
				held.Sessions = append(held.Sessions, session)
			}
		}
		for _, event := range now.events {
			if event.User == id {
				held.Events = append(held.Events, event.AuditEvent)
			}
		}
		for _, token := range now.post.tokens {
			if token.User == id {
				held.Tokens = append(held.Tokens, token)
			}
		}
	})
	slices.SortFunc(held.Sessions, func(a, b domain.Session) int { return cmp.Compare(b.ID, a.ID) })
	slices.SortFunc(held.Events, func(a, b domain.AuditEvent) int { return cmp.Compare(b.ID, a.ID) })
	slices.SortFunc(held.Tokens, func(a, b domain.OneTimeToken) int { return cmp.Compare(b.ID, a.ID) })
	held.Sessions, held.Events = held.Sessions[:min(limit, len(held.Sessions))], held.Events[:min(limit, len(held.Events))]
	held.Tokens, held.Messages = held.Tokens[:min(limit, len(held.Tokens))], held.Messages[:min(limit, len(held.Messages))]
	return held, err
}
