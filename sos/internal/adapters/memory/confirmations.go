package memory

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

// standby is the second machine, as far as anybody hears of it.
type standby struct {
	mu     sync.Mutex
	named  bool
	frozen chan struct{} // closed when it goes on; nil: it answers
}

// SetStandby configures a standby, or takes it away.
func (s *Store) SetStandby(named bool) {
	s.standby.mu.Lock()
	defer s.standby.mu.Unlock()
	s.standby.named = named
}

// FreezeStandby makes it silent, or lets it go on.
func (s *Store) FreezeStandby(frozen bool) {
	s.standby.mu.Lock()
	defer s.standby.mu.Unlock()
	switch {
	case frozen && s.standby.frozen == nil:
		s.standby.frozen = make(chan struct{})
	case !frozen && s.standby.frozen != nil:
		close(s.standby.frozen)
		s.standby.frozen = nil
	}
}

// Lose forgets a press and the ticket that it opened, as a failover to a machine that never had them.
func (s *Store) Lose(id domain.PressID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.tickets, domain.TicketID(id))
	delete(s.presses, id)
	s.outbox = slices.DeleteFunc(s.outbox, func(l *letter) bool { return l.alert.TicketID == domain.TicketID(id) })
}

// HasStandbys implements ports.Confirmations.
func (s *Store) HasStandbys(context.Context) (has bool, err error) {
	err = s.locked(func(time.Time) error {
		has, _ = s.standby.state()
		return nil
	})
	return has, err
}

func (s *standby) state() (named bool, frozen <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.named, s.frozen
}

var errUnconfirmed = errors.New("the standby has not confirmed")

// Confirm implements ports.Confirmations.
func (s *Store) Confirm(ctx context.Context, presses []domain.PressID, changes ...domain.Change) (ports.Confirmed, error) {
	var got ports.Confirmed
	err := s.locked(func(time.Time) error {
		for _, id := range presses {
			if _, there := s.presses[id]; there {
				got.Stored = append(got.Stored, id)
			}
		}
		for _, change := range changes {
			if held, there := s.tickets[change.Ticket]; there && held.ticket.Version >= change.Version {
				got.Kept = append(got.Kept, change)
			}
		}
		return nil
	})
	if err != nil {
		return ports.Confirmed{}, err
	}
	named, frozen := s.standby.state()
	if named && frozen != nil {
		select {
		case <-frozen:
		case <-ctx.Done():
		}
	}
	if ctx.Err() != nil {
		return ports.Confirmed{}, errors.Join(errUnconfirmed, ctx.Err())
	}
	got.Replicated = named
	return got, nil
}
