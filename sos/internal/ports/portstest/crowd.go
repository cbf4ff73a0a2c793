package portstest

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

func crowdTests() map[string]func(*testing.T, bench) {
	return map[string]func(*testing.T, bench){
		"of presses of all kinds at once each has its own outcome": allKindsAtOnce,
		"what presses at once bring about is each one's own":       effectsApart,
	}
}

var errNo = errors.New("no")

// allKindsAtOnce has each of many people press for the first time, again, twice
// at once, as a drill, in vain and as a guest, all in the same moment.
func allKindsAtOnce(t *testing.T, b bench) {
	const people = 12
	var group sync.WaitGroup
	check := func(what string, at ports.PressAddress, want func(c domain.Case, taking domain.Taking, err error) bool) {
		group.Go(func() {
			if c, taking, err := b.persist(at, domain.Press{Type: domain.Fire}); !want(c, taking, err) {
				t.Errorf("%s of %s: ticket %s, merged %v, replayed %v (%v)", what, at.Reporter, c.Ticket.ID, taking.Merged, taking.Replayed, err)
			}
		})
	}
	for i := range people {
		known := address(fmt.Sprint("known", i))
		first, _ := b.press(known, domain.Press{Type: domain.Fire})
		drill := address(fmt.Sprint("fresh", i))
		drill.Drill = true
		guest := address(fmt.Sprint("guest:", i))
		guest.Network = "café"
		opens := func(at ports.PressAddress) func(c domain.Case, taking domain.Taking, err error) bool {
			return func(c domain.Case, taking domain.Taking, err error) bool {
				return err == nil && string(c.Ticket.ID) == string(at.ID) && !taking.Merged && c.Ticket.Reporter.ID == at.Reporter && c.Ticket.Drill == at.Drill
			}
		}
		fresh := address(fmt.Sprint("fresh", i))
		check("the first press", fresh, opens(fresh))
		check("a drill", drill, opens(drill))
		check("a guest's press", guest, opens(guest))
		check("a repeat", known, func(c domain.Case, taking domain.Taking, err error) bool {
			return err == nil && taking.Replayed && c.Ticket.ID == first.Ticket.ID
		})
		check("a second press", address(fmt.Sprint("known", i)), func(c domain.Case, taking domain.Taking, err error) bool {
			return err == nil && taking.Merged && c.Ticket.ID == first.Ticket.ID
		})
		group.Go(func() {
			for {
				_, err := b.Press(t.Context(), address(fmt.Sprint("refused", i)), func(domain.Desk) (*domain.Case, bool, error) { return nil, false, errNo })
				if errors.Is(err, errNo) {
					return
				}
				if !isUnavailable(err) {
					t.Errorf("a refused press: %v", err)
					return
				}
			}
		})
	}
	group.Wait()
}

// persist presses as the app does: again where a busy machine has given it up,
// whether or not it was stored.
func (b bench) persist(at ports.PressAddress, p domain.Press) (domain.Case, domain.Taking, error) {
	for {
		if c, taking, err := b.tryPress(b.t.Context(), at, p); !isUnavailable(err) {
			return c, taking, err
		}
	}
}

func isUnavailable(err error) bool {
	f := fault.From(err)
	return f != nil && f.Kind == fault.Unavailable
}

// effectsApart: helpers, timeline, timer and alerts belong to the ticket of their press.
func effectsApart(t *testing.T, b bench) {
	const people = 16
	for i := range people {
		for n := range i % 3 {
			b.contact(fmt.Sprint("person", i), fmt.Sprint("contact", n, " of person", i))
		}
	}
	var group sync.WaitGroup
	for i := range people {
		group.Go(func() {
			if _, _, err := b.persist(address(fmt.Sprint("person", i)), domain.Press{}); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	alerts := recipients(b.claim(1000))
	for i := range people {
		tickets, err := b.List(t.Context(), ports.TicketQuery{User: domain.UserID(fmt.Sprint("person", i)), Limit: 10})
		if err != nil || len(tickets) != 1 {
			t.Fatalf("person %d has %d tickets (%v)", i, len(tickets), err)
		}
		c, err := b.Ticket(t.Context(), tickets[0].ID)
		if err != nil || len(c.Helpers) != i%3 || len(b.timeline(tickets[0].ID)) != 2 {
			t.Errorf("person %d: %d helpers, %d lines (%v)", i, len(c.Helpers), len(b.timeline(tickets[0].ID)), err)
		}
		for _, h := range c.Helpers {
			if alerts[h.User] != 1 {
				t.Errorf("%s has %d alerts", h.User, alerts[h.User])
			}
			delete(alerts, h.User)
		}
	}
	if len(alerts) != 0 {
		t.Errorf("alerts of nobody's: %v", alerts)
	}
	found, err := b.Audit(t.Context())
	if err != nil || found.OpenWithoutTimer != 0 || found.EventsUndelivered != 0 {
		t.Errorf("the audit finds %+v (%v)", found, err)
	}
}
