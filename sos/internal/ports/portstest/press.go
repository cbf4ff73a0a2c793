package portstest

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

func pressTests() map[string]func(*testing.T, bench) {
	return map[string]func(*testing.T, bench){
		"a press is stored with every field":                              everyField,
		"the same press finds its ticket again":                           samePress,
		"another press finds the open ticket":                             anotherPress,
		"a drill and a real press do not meet":                            drillAndReal,
		"a press that is refused leaves nothing":                          refusedPress,
		"a press finds the contacts who agreed and the reporter's name":   deskFromBook,
		"one press sent many times at once makes one ticket":              onePressManyTimes,
		"many presses of one person at once make one ticket":              manyPresses,
		"presses of different people at once make a ticket each":          manyPeople,
		"a ticket keeps whom it was sent to":                              snapshot,
		"a closed ticket does not take part in presses of another key":    closedTicket,
		"the reporter's turn comes even where the one before was refused": turnAfterRefusal,
	}
}

func everyField(t *testing.T, b bench) {
	captured := time.Date(2030, 1, 2, 3, 4, 5, 678_000_000, time.UTC)
	number := func(n float64) *float64 { return &n }
	b.contact("ann", "mum")
	p := domain.Press{
		Type: domain.Medical, Description: "fell from a ladder", Address: "12 Main St", Silent: true, OccurredAt: &captured, Countdown: 20 * time.Second,
		Location: &domain.Location{
			Latitude: -33.8567844, Longitude: 151.2152967, Accuracy: number(12.5), Altitude: number(3), Speed: number(0),
			Heading: number(359.9), Battery: number(17), Source: "gps", CapturedAt: &captured,
		},
	}
	c, _ := b.press(address("ann"), p)
	c = b.update(c.Ticket.ID, func(c *domain.Case, now time.Time) error { return c.SendNow(reporter(c), now) })
	helper := domain.Actor{User: "mum", Name: "Mum", Roles: domain.Helper}
	c = b.update(c.Ticket.ID, func(c *domain.Case, now time.Time) error { return c.Acknowledge(helper, "coming", now) })
	c = b.update(c.Ticket.ID, func(c *domain.Case, now time.Time) error { return c.Resolve(reporter(c), domain.Helped, "", now) })
	got, err := b.Ticket(t.Context(), c.Ticket.ID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(c, got, cmpopts.IgnoreUnexported(domain.Case{}), cmpopts.IgnoreFields(domain.Case{}, "Standing"), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("what is read differs from what was stored:\n%s", diff)
	}
	if k := got.Ticket; k.Description != p.Description || k.AcknowledgedBy == nil || *k.AcknowledgedBy != helper || k.Version != 4 || k.LastSeq != 4 || k.OccurredAt == nil || !k.OccurredAt.Equal(captured) {
		t.Errorf("read back: %+v", k)
	}
	if diff := cmp.Diff(p.Location, got.Ticket.Location); diff != "" {
		t.Errorf("the location changed:\n%s", diff)
	}
}

func samePress(t *testing.T, b bench) {
	at := address("ann")
	first, _ := b.press(at, domain.Press{Type: domain.Fire})
	again, taking := b.press(at, domain.Press{Type: domain.Fire})
	if !taking.Replayed || taking.Merged || again.Ticket.ID != first.Ticket.ID || len(b.timeline(first.Ticket.ID)) != 2 {
		t.Errorf("replayed %v, merged %v, ticket %s, want %s", taking.Replayed, taking.Merged, again.Ticket.ID, first.Ticket.ID)
	}
}

func anotherPress(t *testing.T, b bench) {
	first, _ := b.press(address("ann"), domain.Press{})
	at := address("ann")
	second, taking := b.press(at, domain.Press{})
	if !taking.Merged || taking.Replayed || second.Ticket.ID != first.Ticket.ID {
		t.Errorf("merged %v, ticket %s, want %s", taking.Merged, second.Ticket.ID, first.Ticket.ID)
	}
	third, taking := b.press(at, domain.Press{})
	if !taking.Merged || !taking.Replayed || third.Ticket.Version != second.Ticket.Version {
		t.Errorf("the second press again: merged %v, replayed %v", taking.Merged, taking.Replayed)
	}
}

func drillAndReal(t *testing.T, b bench) {
	drill, at := address("ann"), address("ann")
	drill.Drill = true
	first, _ := b.press(drill, domain.Press{})
	second, taking := b.press(at, domain.Press{})
	if taking.Merged || first.Ticket.ID == second.Ticket.ID || !first.Ticket.Drill || second.Ticket.Drill {
		t.Errorf("a real press met a drill: %+v", second.Ticket)
	}
}

func refusedPress(t *testing.T, b bench) {
	at, refusal := address("ann"), errors.New("no")
	_, err := b.Press(t.Context(), at, func(desk domain.Desk) (*domain.Case, bool, error) {
		return domain.Open(domain.TicketID(at.ID), domain.Press{Reporter: "ann"}, desk), false, refusal
	})
	mustFail(t, err, refusal)
	_, err = b.Ticket(t.Context(), domain.TicketID(at.ID))
	mustFail(t, err, domain.ErrTicketNotFound)
	if _, taking := b.press(at, domain.Press{}); taking.Replayed {
		t.Error("the refused press was remembered")
	}
}

func turnAfterRefusal(t *testing.T, b bench) {
	for range 3 {
		refusal := errors.New("no")
		_, err := b.Press(t.Context(), address("ann"), func(domain.Desk) (*domain.Case, bool, error) { return nil, false, refusal })
		mustFail(t, err, refusal)
	}
	b.press(address("ann"), domain.Press{})
}

func deskFromBook(t *testing.T, b bench) {
	b.contact("ann", "mum")
	b.contact("ann", "ben")
	b.invite("ann", "has not answered")
	b.contact("somebody else", "eve")
	if err := b.Remember(t.Context(), "ann", "Ann A."); err != nil {
		t.Fatal(err)
	}
	c, _ := b.press(address("ann"), domain.Press{})
	var users []domain.UserID
	for _, h := range c.Helpers {
		users = append(users, h.User)
	}
	if diff := cmp.Diff([]domain.UserID{"mum", "ben"}, users); diff != "" || c.Ticket.Reporter.Name != "Ann A." {
		t.Errorf("reporter %q, helpers:\n%s", c.Ticket.Reporter.Name, diff)
	}
}

func snapshot(t *testing.T, b bench) {
	mum := b.contact("ann", "mum")
	c, _ := b.press(address("ann"), domain.Press{})
	if err := b.remove("ann", mum.ID); err != nil {
		t.Fatal(err)
	}
	b.contact("ann", "ben")
	b.press(address("ann"), domain.Press{})
	got, err := b.Ticket(t.Context(), c.Ticket.ID)
	if err != nil || len(got.Helpers) != 2 || got.Helpers[0].User != "mum" || got.Helpers[1].User != "ben" {
		t.Errorf("helpers %+v (%v), want the removed one and the one who joined", got.Helpers, err)
	}
}

func closedTicket(t *testing.T, b bench) {
	at := address("ann")
	first, _ := b.press(at, domain.Press{})
	b.update(first.Ticket.ID, cancel)
	second, taking := b.press(address("ann"), domain.Press{})
	if taking.Merged || second.Ticket.ID == first.Ticket.ID {
		t.Error("a press joined a closed ticket")
	}
	again, taking := b.press(at, domain.Press{})
	if !taking.Replayed || again.Ticket.ID != first.Ticket.ID {
		t.Error("the first press did not find its own closed ticket")
	}
}

// atOnce runs n presses side by side and counts what became of them.
func (b bench) atOnce(n int, at func(i int) ports.PressAddress) (tickets map[domain.TicketID]int, opened, merged, replayed int) {
	b.t.Helper()
	var mu sync.Mutex
	var group sync.WaitGroup
	tickets = map[domain.TicketID]int{}
	for i := range n {
		group.Go(func() {
			c, taking, err := b.tryPress(b.t.Context(), at(i), domain.Press{})
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err != nil:
				b.t.Errorf("press %d: %v", i, err)
			case taking.Replayed:
				replayed++
			case taking.Merged:
				merged++
			default:
				opened++
			}
			tickets[c.Ticket.ID]++
		})
	}
	group.Wait()
	return tickets, opened, merged, replayed
}

func onePressManyTimes(t *testing.T, b bench) {
	at := address("ann")
	tickets, opened, _, replayed := b.atOnce(30, func(int) ports.PressAddress { return at })
	if len(tickets) != 1 || opened != 1 || replayed != 29 {
		t.Errorf("%d tickets, %d opened, %d replayed", len(tickets), opened, replayed)
	}
}

func manyPresses(t *testing.T, b bench) {
	b.contact("ann", "mum")
	tickets, opened, merged, _ := b.atOnce(30, func(int) ports.PressAddress { return address("ann") })
	if len(tickets) != 1 || opened != 1 || merged != 29 {
		t.Errorf("%d tickets, %d opened, %d merged", len(tickets), opened, merged)
	}
}

func manyPeople(t *testing.T, b bench) {
	tickets, opened, _, _ := b.atOnce(30, func(i int) ports.PressAddress { return address(string(rune('a' + i))) })
	if len(tickets) != 30 || opened != 30 {
		t.Errorf("%d tickets, %d opened", len(tickets), opened)
	}
}
