package memory

import (
	"context"
	"slices"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
)

var _ ports.Hops = (*Store)(nil)

// hop is one plan.
type hop struct {
	entry  *entry
	event  string
	named  bool
	steps  []domain.Channel
	looked bool
	due    time.Time
	lease  string
}

func (s *Store) plan(e domain.Entry, kept *entry) {
	if d := e.Draft; len(d.FollowUp) > 0 && (d.Urgent() || s.reachable(e)) {
		s.hops = append(s.hops, &hop{
			entry: kept, event: d.EventID, named: len(d.Channels) > 0, steps: slices.Clone(d.FollowUp), due: s.now().Add(d.FollowAfter),
		})
	}
}

// reachable tells whether anything could be sent as things are now.
func (s *Store) reachable(e domain.Entry) bool {
	if s.Devices == nil || s.Preferences == nil {
		return true
	}
	for _, step := range e.Draft.FollowUp {
		if step == domain.Push && s.Devices.any(e.User) || step != domain.Push && (len(e.Draft.Channels) > 0 || s.Preferences.wants(e.User, e.Draft.Category, step)) {
			return true
		}
	}
	return false
}

// open: nobody has acknowledged it, in whatever way, and somebody may still want it.
func (s *Store) open(e *entry) bool { return !e.acked && e.ReadAt == nil && s.visible(e) }

// ClaimHops implements ports.Hops.
func (s *Store) ClaimHops(_ context.Context, urgent bool, of ports.Claiming) (ports.HopClaim, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.check(); err != nil {
		return ports.HopClaim{}, err
	}
	now := s.now()
	claim := ports.HopClaim{Lease: s.newLease()}
	s.hops = slices.DeleteFunc(s.hops, func(h *hop) bool { return !h.due.After(now) && !s.open(h.entry) })
	var due []*hop
	for _, h := range s.hops {
		if h.entry.Urgent() == urgent && !h.due.After(now) && (h.lease == "" || of.Lapsed) {
			due = append(due, h)
		}
	}
	slices.SortStableFunc(due, func(a, b *hop) int { return a.due.Compare(b.due) })
	for _, h := range due[:min(len(due), of.Limit)] {
		n, late := h.entry.Notification, now.Sub(h.due)
		if h.lease != "" { // which began so long before, at the latest
			late += of.Lease
		}
		claim.Plans = append(claim.Plans, domain.Plan{
			Notification: n.ID, User: n.User, Event: h.event, Category: n.Category, Priority: n.Priority, ExpiresAt: n.ExpiresAt,
			Steps: slices.Clone(h.steps), Named: h.named, Looked: h.looked, Late: late, Now: now, Trace: n.Trace,
		})
		h.lease, h.due = claim.Lease, now.Add(of.Lease)
	}
	return claim, nil
}

// Advance implements ports.Hops.
func (s *Store) Advance(_ context.Context, lease string, moves []domain.Advance) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.check(); err != nil {
		return err
	}
	for _, m := range moves {
		i := slices.IndexFunc(s.hops, func(h *hop) bool { return h.entry.ID == m.Plan.Notification })
		if i < 0 || s.hops[i].lease != lease || !s.open(s.hops[i].entry) {
			continue
		}
		s.advance(i, m)
	}
	return nil
}

func (s *Store) advance(i int, m domain.Advance) {
	h, p := s.hops[i], m.Plan
	for _, d := range m.Deliveries {
		s.queue(&parcel{
			Delivery: domain.Delivery{
				ID: d.ID, Event: p.Event, Notification: p.Notification, User: p.User, Provider: d.To.Provider, Device: d.To.Device,
				Category: p.Category, Priority: p.Priority, Bypassed: d.Bypassed,
			},
			entry: h.entry, address: d.To.Address, locale: d.Locale, expires: p.ExpiresAt, trace: p.Trace,
		})
	}
	if len(m.Steps) == 0 {
		s.hops = slices.Delete(s.hops, i, i+1)
		return
	}
	h.steps, h.looked, h.lease, h.due = slices.Clone(m.Steps), m.Looked, "", s.now().Add(m.After)
}
