package memory

import (
	"context"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
)

// ClaimTickets implements ports.Guests.
func (s *Store) ClaimTickets(ctx context.Context, guest, user domain.UserID, claim func(*domain.Case, time.Time) error) (int, error) {
	claimed := 0
	err := s.locked(func(now time.Time) error {
		for _, drill := range []bool{false, true} {
			if s.open(guest, drill) != nil && s.open(user, drill) != nil {
				return domain.ErrOpenTicketExists
			}
		}
		for _, r := range s.tickets {
			if r.ticket.Reporter.ID != guest {
				continue
			}
			c := s.load(r)
			if err := claim(c, now); err != nil {
				return err
			}
			if err := s.save(ctx, c, now); err != nil {
				return err
			}
			claimed++
		}
		return nil
	})
	return claimed, err
}

// openAt counts the guests in need at an address.
func (s *Store) openAt(address string) int {
	n := 0
	for _, r := range s.tickets {
		if address != "" && r.ticket.GuestAddress == address && !r.ticket.Status.Closed() {
			n++
		}
	}
	return n
}
