// Package portstest is the conformance suite of the ports: whatever stores
// tickets and contacts passes it, in memory as on PostgreSQL.
package portstest

import (
	"context"
	"crypto/sha256"
	"errors"
	"maps"
	"testing"
	"time"

	"github.com/loveapp/backend/shared/eventually"
	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/idgen"
	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

// Store is everything that one database must do.
type Store interface {
	ports.Tickets
	ports.Confirmations
	ports.Timers
	ports.Reading
	ports.Outbox
	ports.ContactBooks
	ports.Invitations
	ports.People
	ports.Trails
	ports.Seals
	ports.Memories
	ports.Pins
	ports.Policies
	ports.Dispatchers
	ports.Guests
	ports.Oversight
	ports.Auditing
	ports.Shares
	ports.Consents
	ports.Questions
	ports.Calls
	ports.Erasures
}

// Run holds an adapter to the contracts. open gives an empty store whose clock
// runs; it is called once for each test.
func Run(t *testing.T, open func(t *testing.T) Store) {
	t.Helper()
	for name, test := range suites() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, bench{t, open(t)})
		})
	}
}

func suites() map[string]func(*testing.T, bench) {
	all := map[string]func(*testing.T, bench){}
	for _, suite := range []map[string]func(*testing.T, bench){pressTests(), callTests(), trailTests(), sealTests(), confirmationTests(), updateTests(), timerTests(), readingTests(), outboxTests(), contactTests(), peopleTests(), pinTests(), guestTests(), shareTests(), consentTests(), questionTests(), crowdTests(), escalationTests(), policyTests(), oversightTests(), auditTests(), erasureTests()} {
		maps.Copy(all, suite)
	}
	return all
}

// bench is a store with the shortcuts that make tests short.
type bench struct {
	t *testing.T
	Store
}

func newID() string { return idgen.NewV7() }

func address(reporter string) ports.PressAddress {
	return ports.PressAddress{ID: domain.PressID(newID()), Reporter: domain.UserID(reporter)}
}

// press takes a press as the service does. A store that gives up early on a slow
// database is asked again, as the app asks.
func (b bench) press(at ports.PressAddress, p domain.Press) (domain.Case, domain.Taking) {
	b.t.Helper()
	for deadline := time.Now().Add(time.Minute); ; {
		c, taking, err := b.tryPress(b.t.Context(), at, p)
		if err == nil {
			return c, taking
		}
		if e := fault.From(err); e == nil || e.Kind != fault.Unavailable || time.Now().After(deadline) {
			b.t.Fatalf("press: %v", err)
		}
	}
}

func (b bench) tryPress(ctx context.Context, at ports.PressAddress, p domain.Press) (domain.Case, domain.Taking, error) {
	p.Reporter, p.Drill = at.Reporter, at.Drill
	var taking domain.Taking
	c, err := b.Press(ctx, at, func(desk domain.Desk) (*domain.Case, bool, error) {
		var err error
		taking, err = desk.Take(at.ID, p)
		return taking.Case, taking.Merged, err
	})
	return c, taking, err
}

// update runs a change that must succeed.
func (b bench) update(id domain.TicketID, change func(*domain.Case, time.Time) error) domain.Case {
	b.t.Helper()
	c, err := b.Update(b.t.Context(), id, ports.Repeatable{}, change)
	if err != nil {
		b.t.Fatalf("update: %v", err)
	}
	return c
}

func reporter(c *domain.Case) domain.Actor {
	return domain.Actor{User: c.Ticket.Reporter.ID, Roles: domain.Reporter}
}

func cancel(c *domain.Case, now time.Time) error { return c.Cancel(reporter(c), "", now) }

func comment(c *domain.Case, now time.Time) error { return c.Comment(reporter(c), "words", now) }

// contact gives owner a contact who has accepted.
func (b bench) contact(owner, user string) domain.Contact {
	b.t.Helper()
	invited := b.invite(owner, user)
	answered, err := b.Answer(b.t.Context(), invited.Token, func(i *domain.InvitedContact, now time.Time) error { return i.Accept(domain.UserID(user), now) })
	if err != nil {
		b.t.Fatalf("accept: %v", err)
	}
	return answered.Contact
}

func (b bench) invite(owner, contact string) ports.Invitation {
	b.t.Helper()
	invitation, err := b.Invite(b.t.Context(), domain.UserID(owner), ports.Repeatable{}, inviting(contact))
	if err != nil {
		b.t.Fatalf("invite: %v", err)
	}
	return invitation
}

func inviting(name string) func(domain.ContactBook, time.Time) (ports.Invitation, error) {
	return func(book domain.ContactBook, now time.Time) (ports.Invitation, error) {
		id := newID()
		c, i, err := book.Invite(domain.ContactID(id), domain.InvitationID(newID()), domain.ContactDetails{Name: &name}, now)
		return ports.Invitation{Contact: c, Invitation: i, Token: sha256.Sum256([]byte(i.ID))}, err
	}
}

func (b bench) page(owner string) []domain.Contact {
	b.t.Helper()
	page, err := b.Page(b.t.Context(), domain.UserID(owner), "", 100)
	if err != nil {
		b.t.Fatalf("page: %v", err)
	}
	return page
}

func (b bench) timeline(id domain.TicketID) []domain.Event {
	b.t.Helper()
	events, err := b.Timeline(b.t.Context(), id, 0, 1000)
	if err != nil {
		b.t.Fatalf("timeline: %v", err)
	}
	return events
}

func (b bench) eventually(what string, ready func() bool) {
	b.t.Helper()
	eventually.True(b.t, what, ready)
}

func mustFail(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("got error %v, want %v", err, want)
	}
}
