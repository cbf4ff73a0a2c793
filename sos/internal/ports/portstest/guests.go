package portstest

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

func guestTests() map[string]func(*testing.T, bench) {
	return map[string]func(*testing.T, bench){
		"what a guest says is kept":                            guestKept,
		"guests in need at an address are counted while open":  guestsCounted,
		"guests at an address who press at once are counted":   guestsAtOnce,
		"a claim moves all tickets of the guest and no others": claimMoves,
		"of claims at once one gets all":                       claimsAtOnce,
		"a claim beside an open ticket moves nothing":          claimConflict,
	}
}

const guestOne, guestTwo = "guest:01", "guest:02"

// pressAs takes the press of a guest at an address.
func (b bench) pressAs(guest, network string, p domain.Press) domain.Case {
	b.t.Helper()
	at := address(guest)
	at.Network, at.Drill = network, p.Drill
	p.Guest = &domain.Guest{Name: "Gil", Phone: "0151 234", Address: network}
	c, _ := b.press(at, p)
	return c
}

func guestKept(t *testing.T, b bench) {
	made := b.pressAs(guestOne, "here", domain.Press{})
	got, err := b.Ticket(t.Context(), made.Ticket.ID)
	if err != nil || got.Ticket.GuestPhone != "0151 234" || got.Ticket.GuestAddress != "here" || got.Ticket.Reporter.Name != "Gil" || got.Ticket.LowTrust {
		t.Errorf("kept %+v (%v)", got.Ticket, err)
	}
}

// Two who know the secret claim at once: each ticket becomes one's, all of them the same one's.
func claimsAtOnce(t *testing.T, b bench) {
	const tickets = 3
	var ids []domain.TicketID
	for range tickets {
		c := b.pressAs(guestOne, "here", domain.Press{})
		ids = append(ids, c.Ticket.ID)
		b.update(c.Ticket.ID, cancel)
	}
	users := []string{"ann", "ben", "eve"}
	got := make([]int, len(users))
	var group sync.WaitGroup
	for i, user := range users {
		group.Go(func() {
			n, err := b.claimed(guestOne, user)
			if err != nil {
				t.Error(err)
			}
			got[i] = n
		})
	}
	group.Wait()
	owners := map[domain.UserID]bool{}
	for _, id := range ids {
		c, err := b.Ticket(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		owners[c.Ticket.Reporter.ID] = true
	}
	if sum := got[0] + got[1] + got[2]; sum != tickets || len(owners) != 1 || owners[guestOne] {
		t.Errorf("claimed %v, now of %v", got, owners)
	}
}

// However many press in the same moment, no more than ten are trusted.
func guestsAtOnce(t *testing.T, b bench) {
	const crowd, trusted = 25, 10
	made := make([]domain.Case, crowd)
	var group sync.WaitGroup
	for i := range made {
		group.Go(func() { made[i] = b.pressAs(fmt.Sprint("guest:", i), "a stadium", domain.Press{}) })
	}
	group.Wait()
	n := 0
	for _, c := range made {
		if !c.Ticket.LowTrust {
			n++
		}
	}
	if n == 0 || n > trusted {
		t.Errorf("%d of %d are trusted", n, crowd)
	}
}

func guestsCounted(t *testing.T, b bench) {
	open := func(guest string) domain.Case { return b.pressAs(guest, "here", domain.Press{}) }
	var first domain.Case
	for i := range 10 {
		c := open("guest:" + string(rune('a'+i)))
		if c.Ticket.LowTrust {
			t.Fatalf("the %d. guest is not trusted", i+1)
		}
		if i == 0 {
			first = c
		}
	}
	if c := open("guest:k"); !c.Ticket.LowTrust {
		t.Error("the eleventh is trusted like the first")
	}
	if c := b.pressAs("guest:l", "elsewhere", domain.Press{}); c.Ticket.LowTrust {
		t.Error("somebody elsewhere is trusted less")
	}
	b.update(first.Ticket.ID, cancel)
	b.update(open("guest:m").Ticket.ID, cancel)
	if c := b.pressAs("guest:k", "here", domain.Press{}); !c.Ticket.LowTrust {
		t.Error("a second press earns trust")
	}
}

func (b bench) claimed(guest, user string) (int, error) {
	b.t.Helper()
	return b.ClaimTickets(b.t.Context(), domain.UserID(guest), domain.UserID(user), func(c *domain.Case, now time.Time) error {
		c.Claim(domain.Person{ID: domain.UserID(user), Name: "Ann"}, now)
		return nil
	})
}

func claimMoves(t *testing.T, b bench) {
	ended := b.pressAs(guestOne, "here", domain.Press{})
	b.update(ended.Ticket.ID, cancel)
	open := b.pressAs(guestOne, "here", domain.Press{})
	other := b.pressAs(guestTwo, "here", domain.Press{})
	if n, err := b.claimed(guestOne, "ann"); n != 2 || err != nil {
		t.Fatalf("claimed %d (%v)", n, err)
	}
	mine, err := b.List(t.Context(), ports.TicketQuery{User: "ann", Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	var ids []domain.TicketID
	for _, ticket := range mine {
		ids = append(ids, ticket.ID)
		if ticket.Reporter != (domain.Person{ID: "ann", Name: "Ann"}) {
			t.Errorf("reporter %+v", ticket.Reporter)
		}
	}
	if diff := cmp.Diff([]domain.TicketID{open.Ticket.ID, ended.Ticket.ID}, ids); diff != "" {
		t.Error(diff)
	}
	if events := b.timeline(open.Ticket.ID); events[len(events)-1].Kind != domain.EventClaimed {
		t.Errorf("the timeline ends with %+v", events[len(events)-1])
	}
	if c, err := b.Ticket(t.Context(), other.Ticket.ID); err != nil || c.Ticket.Reporter.ID != guestTwo {
		t.Errorf("the other guest's: %+v (%v)", c.Ticket.Reporter, err)
	}
	if n, err := b.claimed(guestOne, "ann"); n != 0 || err != nil {
		t.Errorf("claimed %d again (%v)", n, err)
	}
	again, taking := b.press(address("ann"), domain.Press{})
	if !taking.Merged || again.Ticket.ID != open.Ticket.ID {
		t.Error("a press of the account does not join the claimed ticket")
	}
}

func claimConflict(t *testing.T, b bench) {
	b.press(address("ann"), domain.Press{})
	ended := b.pressAs(guestOne, "here", domain.Press{})
	b.update(ended.Ticket.ID, cancel)
	open := b.pressAs(guestOne, "here", domain.Press{})
	_, err := b.claimed(guestOne, "ann")
	mustFail(t, err, domain.ErrOpenTicketExists)
	for _, id := range []domain.TicketID{ended.Ticket.ID, open.Ticket.ID} {
		if c, err := b.Ticket(t.Context(), id); err != nil || c.Ticket.Reporter.ID != guestOne {
			t.Errorf("moved: %+v (%v)", c.Ticket.Reporter, err)
		}
	}
	b.update(open.Ticket.ID, cancel)
	if n, err := b.claimed(guestOne, "ann"); n != 2 || err != nil {
		t.Errorf("claimed %d (%v)", n, err)
	}
}
