package memory

import (
	"context"
	"slices"
	"time"

	"github.com/loveapp/backend/shared/tracing"
	"github.com/loveapp/backend/sos/internal/domain"
)

// Fire implements ports.Timers. What PostgreSQL keeps in rows follows from the
// tickets here.
func (s *Store) Fire(ctx context.Context, aside []domain.TicketID, end func(*domain.Case, time.Time) error) (id domain.TicketID, err error) {
	err = s.locked(func(now time.Time) error {
		r := s.longestDue(aside, now)
		if r == nil {
			return nil
		}
		id = r.ticket.ID
		c := s.load(r)
		if err := end(c, now); err != nil {
			return err
		}
		return s.save(tracing.Carry(ctx, r.trace), c, now)
	})
	return id, err
}

func (s *Store) longestDue(aside []domain.TicketID, now time.Time) *record {
	var first *record
	var since time.Time
	for _, r := range s.tickets {
		t, runs := r.ticket.Timer()
		if !runs || t.Due.After(now) || slices.Contains(aside, r.ticket.ID) {
			continue
		}
		if first == nil || t.Due.Before(since) {
			first, since = r, t.Due
		}
	}
	return first
}
