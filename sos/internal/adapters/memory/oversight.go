package memory

import (
	"context"
	"math"
	"slices"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

// All implements ports.Oversight.
func (s *Store) All(_ context.Context, q ports.AllQuery) ([]domain.Ticket, error) {
	found := []domain.Ticket{}
	err := s.locked(func(time.Time) error {
		for _, r := range s.tickets {
			t := r.ticket
			if q.Status != "" && t.Status != q.Status || q.Drill != nil && t.Drill != *q.Drill {
				continue
			}
			if q.Before.ID != "" && newestFirst(t, domain.Ticket{ID: q.Before.ID, CreatedAt: q.Before.CreatedAt}) <= 0 {
				continue
			}
			found = append(found, s.load(r).Ticket)
		}
		return nil
	})
	slices.SortFunc(found, newestFirst)
	return found[:min(len(found), q.Limit)], err
}

// Stats implements ports.Oversight.
func (s *Store) Stats(_ context.Context, back time.Duration, drill bool) (stats ports.Stats, err error) {
	err = s.locked(func(now time.Time) error {
		stats = ports.Stats{Since: now.Add(-back), Until: now, ByStatus: map[domain.Status]int{}, ByLevel: map[int]int{}}
		var answered []time.Duration
		for _, r := range s.tickets {
			t := r.ticket
			if t.Drill != drill || !t.CreatedAt.After(stats.Since) {
				continue
			}
			stats.ByStatus[t.Status]++
			if t.AlarmedAt != nil {
				stats.ByLevel[t.EscalationLevel]++
			}
			if t.AcknowledgedAt != nil {
				answered = append(answered, t.AcknowledgedAt.Sub(*t.AlarmedAt))
			}
		}
		slices.Sort(answered)
		stats.Acknowledged, stats.P50, stats.P95 = len(answered), percentile(answered, .5), percentile(answered, .95)
		return nil
	})
	return stats, err
}

// percentile is the first value that the share of all does not exceed, as PostgreSQL's percentile_disc.
func percentile(sorted []time.Duration, share float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[max(0, int(math.Ceil(share*float64(len(sorted))))-1)]
}

// Audit implements ports.Auditing.
func (s *Store) Audit(context.Context) (found ports.Findings, err error) {
	err = s.locked(func(now time.Time) error {
		for _, r := range s.tickets {
			t, runs := r.ticket.Timer()
			if !r.ticket.Status.Closed() && !runs {
				found.OpenWithoutTimer++
			}
			if runs && now.Sub(t.Due) > ports.TimerGrace {
				found.TimersOverdue++
			}
			if !r.ticket.Status.Closed() {
				found.EventsUndelivered += s.unreached(r, now)
			}
		}
		found.AlertsStuck = len(s.first(func(l *letter) bool { return now.Sub(l.due) > ports.AlertGrace }))
		for _, l := range s.outbox {
			if l.parked && !s.tickets[l.alert.TicketID].ticket.Status.Closed() {
				found.AlertsParked++
			}
			if !l.done {
				found.Waiting++
				found.OldestAlertWaiting = max(found.OldestAlertWaiting, now.Sub(l.queued))
			}
		}
		return nil
	})
	return found, err
}

func (s *Store) unreached(r *record, now time.Time) (n int) {
	for _, e := range r.events {
		reached, alarm := e.Data["reached"].(int)
		queued := 0
		for _, l := range s.outbox {
			if l.alert.TicketID == r.ticket.ID && l.alert.Seq == e.Seq {
				queued++
			}
		}
		if alarm && now.Sub(e.At) < time.Minute && reached > queued {
			n++
		}
	}
	return n
}

// Undelivered implements ports.Auditing.
func (s *Store) Undelivered(_ context.Context, id domain.TicketID) (n int, err error) {
	err = s.locked(func(time.Time) error {
		for _, l := range s.outbox {
			if l.alert.TicketID == id && (!l.done || l.parked) {
				n++
			}
		}
		return nil
	})
	return n, err
}
