package memory

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
)

var _ ports.Deliveries = (*Store)(nil)

// parcel is one delivery.
type parcel struct {
	domain.Delivery
	entry   *entry // nil: a letter
	letter  *domain.Draft
	address string
	locale  string
	expires *time.Time
	queued  time.Time
	lease   string
	trace   string
}

func (s *Store) newLease() string {
	s.leases++
	return "lease-" + strconv.Itoa(s.leases)
}

func (s *Store) queue(p *parcel) {
	if slices.ContainsFunc(s.deliveries, func(known *parcel) bool { return known.ID == p.ID }) {
		return
	}
	p.State, p.CreatedAt, p.DueAt, p.queued = domain.Waiting, s.now(), s.now(), s.now()
	if p.address != "" {
		p.ShownAs = domain.Mask(p.address)
	}
	s.deliveries = append(s.deliveries, p)
}

// Post implements ports.Deliveries.
func (s *Store) Post(_ context.Context, letters []domain.Letter) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.check(); err != nil {
		return err
	}
	for _, l := range letters {
		d := l.Draft
		s.queue(&parcel{
			Delivery: domain.Delivery{ID: l.ID, Event: d.EventID, Provider: l.Provider, Category: d.Category, Priority: d.Priority},
			letter:   d, address: d.Address.To, locale: d.Address.Locale, expires: d.ExpiresAt, trace: d.Trace,
		})
	}
	return nil
}

func (s *Store) due(p *parcel, q ports.Queue) bool {
	return p.State == domain.Waiting && p.Provider == q.Provider && (p.Priority == domain.Critical) == q.Urgent && !p.DueAt.After(s.now())
}

// Due implements ports.Deliveries.
func (s *Store) Due(_ context.Context, of []domain.Provider) ([]ports.Queue, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var queues []ports.Queue
	for _, provider := range of {
		for _, q := range []ports.Queue{{Provider: provider, Urgent: true}, {Provider: provider}} {
			if slices.ContainsFunc(s.deliveries, func(p *parcel) bool { return s.due(p, q) }) {
				queues = append(queues, q)
			}
		}
	}
	return queues, s.check()
}

// ClaimDeliveries implements ports.Deliveries.
func (s *Store) ClaimDeliveries(_ context.Context, from ports.Queue, of ports.Claiming) (ports.DeliveryClaim, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.check(); err != nil {
		return ports.DeliveryClaim{}, err
	}
	claim := ports.DeliveryClaim{Lease: s.newLease()}
	var due []*parcel
	for _, p := range s.deliveries {
		if s.due(p, from) && (p.lease == "" || of.Lapsed) {
			due = append(due, p)
		}
	}
	slices.SortStableFunc(due, func(a, b *parcel) int { return a.DueAt.Compare(b.DueAt) })
	for _, p := range due[:min(len(due), of.Limit)] {
		switch {
		case p.expires != nil && !p.expires.After(s.now()):
			p.settle(domain.Outcome{State: domain.Expired}, s.now())
			claim.Dropped++
		case p.entry != nil && !s.open(p.entry):
			p.settle(domain.Outcome{State: domain.Cancelled}, s.now())
			claim.Dropped++
		default:
			p.lease, p.DueAt = claim.Lease, s.now().Add(of.Lease)
			p.Attempts++
			claim.Works = append(claim.Works, p.work(s.now()))
		}
	}
	return claim, nil
}

func (p *parcel) work(now time.Time) domain.Work {
	w := domain.Work{
		ID: p.ID, Notification: p.Notification, User: p.User, Provider: p.Provider, Device: p.Device, Address: p.address, Locale: p.locale,
		Category: p.Category, Priority: p.Priority, ExpiresAt: p.expires, Attempt: p.Attempts, Age: now.Sub(p.queued), Trace: p.trace,
	}
	if p.entry != nil {
		w.Seq, w.Title, w.Body, w.Data = p.entry.Seq, p.entry.Title, p.entry.Body, p.entry.Data
	} else if p.letter != nil {
		w.Title, w.Body, w.Data = p.letter.Title, p.letter.Body, p.letter.Data
	}
	return w
}

// settle keeps an address only where it may be needed again.
func (p *parcel) settle(o domain.Outcome, now time.Time) {
	p.State, p.lease, p.DueAt, p.SettledAt = o.State, "", now.Add(o.After), nil
	if o.Code != "" || o.ProviderID != "" || o.State == domain.Sent {
		p.Code, p.ProviderID = o.Code, o.ProviderID
	}
	if o.Uncounted {
		p.Attempts = max(0, p.Attempts-1)
	}
	if o.State == domain.Waiting {
		return
	}
	p.SettledAt = &now
	if o.State != domain.Dead {
		p.address, p.letter = "", nil
	}
}

// Settle implements ports.Deliveries.
func (s *Store) Settle(_ context.Context, lease string, outcomes []domain.Outcome) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.check(); err != nil {
		return err
	}
	for _, o := range outcomes {
		for _, p := range s.deliveries {
			if p.ID == o.ID && p.State == domain.Waiting && (o.State == domain.Sent || p.lease == lease) {
				p.settle(o, s.now())
			}
		}
	}
	return nil
}

// OfEvent implements ports.Deliveries.
func (s *Store) OfEvent(_ context.Context, id string, after domain.Position, limit int) ([]domain.Delivery, error) {
	list, err := s.logged(limit, func(p *parcel) (time.Time, bool) {
		return p.CreatedAt, (string(p.Notification) == id || p.Event == id) && beyond(p.CreatedAt, p.ID, after) > 0
	}, 1)
	if err == nil && len(list) == 0 && !s.known(id) {
		err = domain.ErrAnnouncementNotFound
	}
	return list, err
}

func (s *Store) known(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, box := range s.inboxes {
		if box.byID[domain.NotificationID(id)] != nil || box.events[id] {
			return true
		}
	}
	return false
}

// DeadLetters implements ports.Deliveries.
func (s *Store) DeadLetters(_ context.Context, before domain.Position, limit int) ([]domain.Delivery, error) {
	return s.logged(limit, func(p *parcel) (time.Time, bool) {
		if p.State != domain.Dead {
			return time.Time{}, false
		}
		return *p.SettledAt, before.ID == "" || beyond(*p.SettledAt, p.ID, before) < 0
	}, -1)
}

func beyond(at time.Time, id domain.DeliveryID, place domain.Position) int {
	return cmp.Or(at.Compare(place.At), cmp.Compare(id, place.ID))
}

// logged lists what want is true for, ordered by the time that it gives and the id.
func (s *Store) logged(limit int, want func(*parcel) (time.Time, bool), order int) ([]domain.Delivery, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	type line struct {
		at time.Time
		domain.Delivery
	}
	var lines []line
	for _, p := range s.deliveries {
		if at, ok := want(p); ok {
			lines = append(lines, line{at, p.Delivery})
		}
	}
	slices.SortFunc(lines, func(a, b line) int { return order * beyond(a.at, a.ID, domain.Position{At: b.at, ID: b.ID}) })
	var list []domain.Delivery
	for _, l := range lines[:min(len(lines), limit)] {
		list = append(list, l.Delivery)
	}
	return list, s.check()
}

// Replay implements ports.Deliveries.
func (s *Store) Replay(_ context.Context, id domain.DeliveryID) (domain.Delivery, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.check(); err != nil {
		return domain.Delivery{}, err
	}
	i := slices.IndexFunc(s.deliveries, func(p *parcel) bool { return p.ID == id })
	if i < 0 {
		return domain.Delivery{}, domain.ErrDeliveryNotFound
	}
	p := s.deliveries[i]
	if p.State != domain.Dead || p.address == "" && p.Device == "" {
		return domain.Delivery{}, domain.ErrNotDead
	}
	p.State, p.Attempts, p.lease, p.DueAt, p.queued, p.SettledAt = domain.Waiting, 0, "", s.now(), s.now(), nil
	return p.Delivery, nil
}

// Forget implements ports.Deliveries.
func (s *Store) Forget(_ context.Context, keep, replayable time.Duration, limit int) (forgotten int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	s.deliveries = slices.DeleteFunc(s.deliveries, func(p *parcel) bool {
		old := p.SettledAt != nil && now.Sub(*p.SettledAt) > keep && forgotten < limit
		if old {
			forgotten++
		}
		return old
	})
	for _, p := range s.deliveries {
		if p.SettledAt != nil && p.address != "" && now.Sub(*p.SettledAt) > replayable {
			p.address, p.letter = "", nil
			forgotten++
		}
	}
	return forgotten, s.check()
}
