package memory

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

// dial is a call's row.
type dial struct {
	domain.PlacedCall

	attempts int
	due      time.Time
}

var _ ports.Calls = (*Store)(nil)

// StartCall implements ports.Calls.
func (s *Store) StartCall(ctx context.Context, id domain.TicketID, start func(*domain.Case, []domain.PlacedCall, time.Time) (*domain.PlacedCall, error)) error {
	return s.locked(func(now time.Time) error {
		r, known := s.tickets[id]
		if !known {
			return domain.ErrTicketNotFound
		}
		var calls []domain.PlacedCall
		for _, d := range s.dials {
			if d.Ticket == id {
				calls = append(calls, d.PlacedCall)
			}
		}
		c := s.load(r)
		call, err := start(c, calls, now)
		if err != nil || call == nil {
			return err
		}
		if err := s.save(ctx, c, now); err != nil {
			return err
		}
		s.dials = append(s.dials, &dial{PlacedCall: *call, due: now})
		return nil
	})
}

// ClaimCalls implements ports.Calls.
func (s *Store) ClaimCalls(_ context.Context, limit int, lease time.Duration) (claimed []ports.ClaimedCall, err error) {
	err = s.locked(func(now time.Time) error {
		due := slices.DeleteFunc(slices.Clone(s.dials), func(d *dial) bool { return d.State != domain.CallQueued || d.due.After(now) })
		slices.SortStableFunc(due, func(a, b *dial) int { return cmp.Compare(a.due.UnixNano(), b.due.UnixNano()) })
		for _, d := range due[:min(limit, len(due))] {
			d.attempts++
			d.due = now.Add(lease)
			claimed = append(claimed, ports.ClaimedCall{PlacedCall: d.PlacedCall, Attempt: d.attempts, Age: now.Sub(d.CreatedAt)})
		}
		return nil
	})
	return claimed, err
}

// PostponeCall implements ports.Calls.
func (s *Store) PostponeCall(_ context.Context, id domain.CallID, after time.Duration) error {
	return s.locked(func(now time.Time) error {
		if d := s.dial(id); d != nil {
			d.due = now.Add(after)
		}
		return nil
	})
}

func (s *Store) dial(id domain.CallID) *dial {
	for _, d := range s.dials {
		if d.ID == id {
			return d
		}
	}
	return nil
}

// ChangeCall implements ports.Calls.
func (s *Store) ChangeCall(ctx context.Context, id domain.CallID, change func(*domain.Case, *domain.PlacedCall, time.Time) error) error {
	return s.locked(func(now time.Time) error {
		d := s.dial(id)
		if d == nil {
			return domain.ErrCallNotFound
		}
		c, call := s.load(s.tickets[d.Ticket]), d.PlacedCall
		if err := change(c, &call, now); err != nil {
			return err
		}
		if err := s.save(ctx, c, now); err != nil {
			return err
		}
		d.PlacedCall = call
		return nil
	})
}
