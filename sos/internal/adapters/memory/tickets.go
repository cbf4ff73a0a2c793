package memory

import (
	"context"
	"slices"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

// Press implements ports.Tickets.
func (s *Store) Press(ctx context.Context, at ports.PressAddress, take func(domain.Desk) (*domain.Case, bool, error)) (domain.Case, error) {
	var result domain.Case
	err := s.locked(func(now time.Time) error {
		desk := s.desk(at, now)
		c, merged, err := take(desk)
		if err != nil {
			return err
		}
		if err := s.save(ctx, c, now); err != nil {
			return err
		}
		if desk.Earlier == nil {
			s.presses[at.ID] = press{c.Ticket.ID, merged}
		}
		result = stored(c)
		return nil
	})
	return result, err
}

func (s *Store) desk(at ports.PressAddress, now time.Time) domain.Desk {
	desk := domain.Desk{Now: now, OpenAtAddress: s.openAt(at.Network), ReporterName: s.people[at.Reporter].text, Helpers: s.willing(at.Reporter), Standing: s.standing()}
	if p, known := s.presses[at.ID]; known {
		desk.Earlier, desk.EarlierMerged = s.load(s.tickets[p.ticket]), p.merged
	}
	if r := s.open(at.Reporter, at.Drill); r != nil {
		desk.Open = s.load(r)
	}
	return desk
}

// Update implements ports.Tickets.
func (s *Store) Update(ctx context.Context, id domain.TicketID, once ports.Repeatable, change func(*domain.Case, time.Time) error) (domain.Case, error) {
	var result domain.Case
	err := s.locked(func(now time.Time) error {
		r, known := s.tickets[id]
		if !known {
			return domain.ErrTicketNotFound
		}
		c := s.load(r)
		if repeated, err := s.repeated(once, now, nil); repeated || err != nil {
			result = stored(c)
			return err
		}
		if err := change(c, now); err != nil {
			return err
		}
		if err := s.save(ctx, c, now); err != nil {
			return err
		}
		s.remember(once, now, nil)
		result = stored(c)
		return nil
	})
	return result, err
}

// Ticket implements ports.Reading.
func (s *Store) Ticket(_ context.Context, id domain.TicketID) (domain.Case, error) {
	var result domain.Case
	err := s.locked(func(time.Time) error {
		r, known := s.tickets[id]
		if !known {
			return domain.ErrTicketNotFound
		}
		result = *s.load(r)
		return nil
	})
	return result, err
}

// List implements ports.Reading.
func (s *Store) List(_ context.Context, q ports.TicketQuery) ([]domain.Ticket, error) {
	var found []domain.Ticket
	err := s.locked(func(time.Time) error {
		for _, r := range s.tickets {
			if r.matches(q) && (!q.AsHelper || s.agrees(r.ticket.Reporter.ID, q.User)) {
				found = append(found, s.load(r).Ticket)
			}
		}
		return nil
	})
	slices.SortFunc(found, newestFirst)
	return found[:min(len(found), q.Limit)], err
}

func (r *record) matches(q ports.TicketQuery) bool {
	if q.Status != "" && r.ticket.Status != q.Status {
		return false
	}
	if q.Before.ID != "" && newestFirst(r.ticket, domain.Ticket{ID: q.Before.ID, CreatedAt: q.Before.CreatedAt}) <= 0 {
		return false
	}
	if !q.AsHelper {
		return r.ticket.Reporter.ID == q.User
	}
	return r.ticket.AlarmedAt != nil && slices.ContainsFunc(r.helpers, func(h domain.Recipient) bool { return h.User == q.User })
}

// Timeline implements ports.Reading.
func (s *Store) Timeline(_ context.Context, id domain.TicketID, after, limit int) ([]domain.Event, error) {
	var found []domain.Event
	err := s.locked(func(time.Time) error {
		r, known := s.tickets[id]
		if !known {
			return domain.ErrTicketNotFound
		}
		for _, e := range r.events {
			if e.Seq > after && len(found) < limit {
				found = append(found, e)
			}
		}
		return nil
	})
	return found, err
}
