package memory

import (
	"context"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

// Name implements ports.People.
func (s *Store) Name(_ context.Context, id domain.UserID) (known ports.KnownName, found bool, err error) {
	err = s.locked(func(now time.Time) error {
		n, ok := s.people[id]
		known, found = ports.KnownName{Name: n.text, Age: now.Sub(n.heard)}, ok
		return nil
	})
	return known, found, err
}

// Remember implements ports.People.
func (s *Store) Remember(_ context.Context, id domain.UserID, text string) error {
	return s.locked(func(now time.Time) error {
		s.people[id] = name{text, now}
		for _, r := range s.tickets {
			if t := &r.ticket; t.Reporter.ID == id && t.Reporter.Name == "" && !t.Status.Closed() {
				t.Reporter.Name = text
			}
		}
		return nil
	})
}
