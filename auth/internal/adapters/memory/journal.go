package memory

import (
	"context"
	"crypto/rand"

	"github.com/loveapp/backend/auth/internal/domain"
)

// recorded is an event and the commitment to its origin, which stays when that is erased.
type recorded struct {
	domain.AuditEvent

	salt       []byte
	commitment string
}

func (t *tx) Record(_ context.Context, event domain.AuditEvent) error {
	salt := []byte(rand.Text())
	t.state.events = append(t.state.events, recorded{event, salt, event.Origin.Commitment(salt)})
	return nil
}

// eraseOrigins forgets where the person's events came from.
func (t *tx) eraseOrigins(person domain.UserID) {
	for i, e := range t.state.events {
		if e.Person() == person {
			t.state.events[i].Origin, t.state.events[i].salt = domain.Origin{}, nil
		}
	}
}

// Journal is what has been recorded so far, for tests.
func (s *Store) Journal() []domain.AuditEvent {
	s.mu.Lock()
	defer s.mu.Unlock()
	events := make([]domain.AuditEvent, 0, len(s.state.events))
	for _, e := range s.state.events {
		events = append(events, e.AuditEvent)
	}
	return events
}

// origins judges what is left of where some events came from.
func (s state) origins(events []recorded) (found domain.Origins) {
	erased := map[domain.UserID]bool{}
	for _, e := range s.events {
		erased[e.User] = erased[e.User] || e.Kind == domain.AuditErased
	}
	for _, e := range events {
		switch {
		case e.commitment == "":
		case e.salt == nil && erased[e.Person()]:
			found.Erased++
		case e.salt == nil:
			found.Missing++
		case e.Origin.Commitment(e.salt) != e.commitment:
			found.Changed++
		}
	}
	return found
}
