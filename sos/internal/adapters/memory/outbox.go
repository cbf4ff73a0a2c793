package memory

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

// letter is one row of the outbox.
type letter struct {
	id       int64
	alert    domain.Alert
	queued   time.Time
	due      time.Time
	attempts int
	lease    string
	done     bool // delivered or parked
	parked   bool
	trace    string
}

func (s *Store) queue(alerts []domain.Alert, now time.Time, trace string) {
	for _, a := range alerts {
		s.outbox = append(s.outbox, &letter{id: int64(len(s.outbox) + 1), alert: a, queued: now, due: now, trace: trace})
	}
	if len(alerts) > 0 {
		s.Wake()
	}
}

// Claim implements ports.Outbox.
func (s *Store) Claim(_ context.Context, limit int, lease time.Duration) (ports.Claim, error) {
	claim := ports.Claim{}
	err := s.locked(func(now time.Time) error {
		claim.Lease = "lease-" + strconv.FormatInt(now.UnixNano(), 36) + "-" + strconv.Itoa(s.attempts())
		due := s.first(func(l *letter) bool { return !l.due.After(now) })
		for _, l := range due[:min(len(due), limit)] {
			l.lease, l.due = claim.Lease, now.Add(lease)
			l.attempts++
			d := ports.Delivery{ID: l.id, Alert: l.alert, Attempt: l.attempts, Waited: now.Sub(l.queued), QueuedAt: l.queued, Trace: l.trace}
			if at := s.contact(l.alert.Recipient.ContactOf()); at >= 0 {
				d.To, d.Name = s.contacts[at].Mailbox(), s.contacts[at].Name
			}
			claim.Deliveries = append(claim.Deliveries, d)
		}
		return nil
	})
	return claim, err
}

func (s *Store) attempts() (n int) {
	for _, l := range s.outbox {
		n += l.attempts
	}
	return n
}

// first gives the heads of all queues that want is true for, the longest due first.
func (s *Store) first(want func(*letter) bool) []*letter {
	type queue struct {
		ticket domain.TicketID
		to     domain.UserID
	}
	seen := map[queue]bool{}
	var heads []*letter
	for _, l := range s.outbox { // in the order they were queued, which is the order of each queue
		q := queue{l.alert.TicketID, l.alert.Recipient}
		if l.done || seen[q] {
			continue
		}
		seen[q] = true
		if want(l) {
			heads = append(heads, l)
		}
	}
	slices.SortStableFunc(heads, func(a, b *letter) int { return cmp.Or(a.due.Compare(b.due), cmp.Compare(a.id, b.id)) })
	return heads
}

// Settle implements ports.Outbox.
func (s *Store) Settle(_ context.Context, lease string, results []ports.Settlement) error {
	return s.locked(func(now time.Time) error {
		for _, r := range results {
			if r.ID < 1 || r.ID > int64(len(s.outbox)) {
				continue
			}
			l := s.outbox[r.ID-1]
			l.settle(lease, r, s.stale(l), now)
		}
		return nil
	})
}

// stale tells whether the ticket is closed or something newer waits for the same person.
func (s *Store) stale(l *letter) bool {
	return s.tickets[l.alert.TicketID].ticket.Status.Closed() || slices.ContainsFunc(s.outbox, func(other *letter) bool {
		return other.alert.TicketID == l.alert.TicketID && other.alert.Recipient == l.alert.Recipient && other.alert.Seq > l.alert.Seq
	})
}

func (l *letter) settle(lease string, r ports.Settlement, stale bool, now time.Time) {
	switch {
	case r.Fate == ports.Delivered:
		l.done = true
	case l.lease != lease || l.done:
	case r.Fate == ports.Unwanted, r.Fate == ports.Awaiting && stale:
		l.done = true
	case r.Fate == ports.Parked:
		l.done, l.parked = true, true
	default:
		l.lease, l.due = "", now.Add(r.After)
	}
}

// Hurry implements ports.Outbox.
func (s *Store) Hurry(_ context.Context, limit int) error {
	return s.locked(func(now time.Time) error {
		waiting := s.first(func(l *letter) bool { return l.lease == "" && l.due.After(now) })
		slices.SortFunc(waiting, func(a, b *letter) int { return cmp.Compare(a.id, b.id) })
		for _, l := range waiting[:min(len(waiting), limit)] {
			l.due = now
		}
		return nil
	})
}
