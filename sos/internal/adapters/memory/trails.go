package memory

import (
	"context"
	"slices"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
)

// way is a ticket's rows of fixes, in order.
type way struct {
	fixes  []domain.Fix
	newest time.Time
}

// Track implements ports.Trails.
func (s *Store) Track(_ context.Context, id domain.TicketID, take func(*domain.Case, time.Time, time.Time) (domain.Tracked, error)) (added int, err error) {
	err = s.locked(func(now time.Time) error {
		r, known := s.tickets[id]
		if !known {
			return domain.ErrTicketNotFound
		}
		c := s.load(r)
		tracked, err := take(c, r.way.newest, now)
		if err != nil {
			return err
		}
		if tracked.Known != nil {
			r.way.add(*tracked.Known)
		}
		for _, f := range tracked.Fixes {
			if r.way.add(f) {
				added++
			}
		}
		r.way.thin()
		r.way.newest, r.ticket.Location = tracked.Newest, c.Ticket.Location
		return nil
	})
	return added, err
}

// follow takes the step of a press.
func (w *way) follow(step *domain.Tracked) {
	if step == nil {
		return
	}
	if step.Known != nil {
		w.add(*step.Known)
	}
	for _, f := range step.Fixes {
		w.add(f)
	}
	w.thin()
	if step.Newest.After(w.newest) {
		w.newest = step.Newest
	}
}

func (w *way) add(f domain.Fix) bool {
	i, taken := slices.BinarySearchFunc(w.fixes, f, func(a, b domain.Fix) int { return a.At.Compare(b.At) })
	if !taken {
		w.fixes = slices.Insert(w.fixes, i, f)
	}
	return !taken
}

func (w *way) thin() {
	n := len(w.fixes)
	if n <= domain.MaxTrail {
		return
	}
	kept := make([]domain.Fix, 0, n)
	for i, f := range w.fixes {
		if i%2 == 0 || i >= n-domain.KeptWhole {
			kept = append(kept, f)
		}
	}
	w.fixes = kept
}

// Trail implements ports.Trails.
func (s *Store) Trail(_ context.Context, id domain.TicketID, limit int) (fixes []domain.Fix, total int, err error) {
	err = s.locked(func(time.Time) error {
		r, known := s.tickets[id]
		if !known {
			return nil
		}
		total = len(r.way.fixes)
		if total <= limit {
			fixes = slices.Clone(r.way.fixes)
			return nil
		}
		for i := range limit {
			fixes = append(fixes, r.way.fixes[i*(total-1)/(limit-1)])
		}
		return nil
	})
	return fixes, total, err
}
