// Package memory keeps everything in the process: what the service runs on in
// tests. It is held to the same contracts as PostgreSQL.
package memory

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/tracing"
	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

// Store is the database in memory. One lock stands for every transaction.
type Store struct {
	now   func() time.Time
	woken chan struct{}

	standby standby

	mu       sync.Mutex
	away     bool
	tickets  map[domain.TicketID]*record
	presses  map[domain.PressID]press
	outbox   []*letter
	contacts []domain.Contact // in the order they were made
	invites  []*invite
	people   map[domain.UserID]name
	answers  map[answerKey]*answer
	pins     map[domain.UserID]domain.Pin
	shares   []*ports.NewShare
	consents []*ports.NewConsent
	asked    map[domain.ConsentID]*question
	tests    map[domain.UserID][]domain.ContactTest
	policies []ports.StoredPolicy // by version from 1
	staff    []domain.UserID
	dials    []*dial
	erasures map[domain.UserID]bool // done or to do
}

// record is a ticket's rows.
type record struct {
	ticket  domain.Ticket
	helpers []domain.Recipient
	events  []domain.Event
	way     way
	remains remains
	trace   string // that its timer belongs to
}

type press struct {
	ticket domain.TicketID
	merged bool
}

type name struct {
	text  string
	heard time.Time
}

// NewStore makes an empty store whose clock is now.
func NewStore(now func() time.Time) *Store {
	return &Store{
		now: now, woken: make(chan struct{}, 1),
		tickets: map[domain.TicketID]*record{}, presses: map[domain.PressID]press{},
		people: map[domain.UserID]name{}, answers: map[answerKey]*answer{}, pins: map[domain.UserID]domain.Pin{}, tests: map[domain.UserID][]domain.ContactTest{},
		erasures: map[domain.UserID]bool{},
	}
}

var errAway = fault.New(fault.Unavailable, "unavailable", "The service cannot reach its data right now. Try again shortly.").WithRetryAfter(time.Second)

// SetAway makes every call fail as if the database could not be reached, or lets them work again.
func (s *Store) SetAway(away bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.away = away
}

// Ping fails while the store is away.
func (s *Store) Ping(context.Context) error {
	return s.locked(func(time.Time) error { return nil })
}

// Woken is signalled when alerts have been queued.
func (s *Store) Woken() <-chan struct{} { return s.woken }

// Wake signals Woken; a signal that nobody has taken yet is enough.
func (s *Store) Wake() {
	select {
	case s.woken <- struct{}{}:
	default:
	}
}

// locked is a transaction.
func (s *Store) locked(work func(now time.Time) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.away {
		return errAway
	}
	return work(s.now().UTC().Truncate(time.Microsecond)) // as fine as PostgreSQL
}

// load gives a copy: what a failed change has done to it is forgotten.
func (s *Store) load(r *record) *domain.Case {
	t := r.ticket
	t.Acknowledgers = slices.Clone(t.Acknowledgers)
	helpers := slices.Clone(r.helpers)
	for i, h := range helpers {
		helpers[i].Withdrawn = !s.agrees(t.Reporter.ID, h.User)
	}
	return &domain.Case{Ticket: t, Helpers: helpers, Standing: s.standing()}
}

// save stores a case with all that came of it.
func (s *Store) save(ctx context.Context, c *domain.Case, now time.Time) error {
	if !c.Changed() {
		return nil
	}
	if other := s.open(c.Ticket.Reporter.ID, c.Ticket.Drill); !c.Ticket.Status.Closed() && other != nil && other.ticket.ID != c.Ticket.ID {
		return domain.ErrOpenTicketExists
	}
	r := s.tickets[c.Ticket.ID]
	if r == nil {
		r = &record{}
		s.tickets[c.Ticket.ID] = r
	}
	r.ticket = c.Ticket
	r.helpers = append(r.helpers, c.Joined()...)
	r.events = append(r.events, c.Events()...)
	r.way.follow(c.Way())
	r.trace = tracing.Carried(ctx)
	s.queue(c.Alerts(), now, r.trace)
	return nil
}

func (s *Store) open(reporter domain.UserID, drill bool) *record {
	for _, r := range s.tickets {
		if r.ticket.Reporter.ID == reporter && r.ticket.Drill == drill && !r.ticket.Status.Closed() {
			return r
		}
	}
	return nil
}

func stored(c *domain.Case) domain.Case { return domain.Case{Ticket: c.Ticket, Helpers: c.Helpers} }

// newestFirst is the order of lists.
func newestFirst(a, b domain.Ticket) int {
	return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(b.ID, a.ID))
}

var (
	_ ports.Tickets       = (*Store)(nil)
	_ ports.Timers        = (*Store)(nil)
	_ ports.Reading       = (*Store)(nil)
	_ ports.Outbox        = (*Store)(nil)
	_ ports.ContactBooks  = (*Store)(nil)
	_ ports.Invitations   = (*Store)(nil)
	_ ports.Trails        = (*Store)(nil)
	_ ports.Seals         = (*Store)(nil)
	_ ports.Memories      = (*Store)(nil)
	_ ports.People        = (*Store)(nil)
	_ ports.Confirmations = (*Store)(nil)
	_ ports.Pins          = (*Store)(nil)
	_ ports.Policies      = (*Store)(nil)
	_ ports.Dispatchers   = (*Store)(nil)
	_ ports.Guests        = (*Store)(nil)
	_ ports.Oversight     = (*Store)(nil)
	_ ports.Auditing      = (*Store)(nil)
	_ ports.Shares        = (*Store)(nil)
)
