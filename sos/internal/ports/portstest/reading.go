package portstest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

func readingTests() map[string]func(*testing.T, bench) {
	return map[string]func(*testing.T, bench){
		"one's own tickets come newest first, page by page":    ownTickets,
		"tickets can be asked for by status":                   byStatus,
		"a helper sees a ticket in the list from the alarm on": helpersList,
		"a timeline comes in order, page by page":              timelinePages,
		"what does not exist is not found":                     nothingToRead,
	}
}

func (b bench) list(q ports.TicketQuery) []domain.TicketID {
	b.t.Helper()
	tickets, err := b.List(b.t.Context(), q)
	if err != nil {
		b.t.Fatal(err)
	}
	ids := []domain.TicketID{}
	for _, k := range tickets {
		ids = append(ids, k.ID)
	}
	return ids
}

// history makes n tickets of ann, all but the last cancelled, and gives their ids, the newest first.
func (b bench) history(n int) []domain.TicketID {
	ids := make([]domain.TicketID, n)
	for i := range n {
		c, _ := b.press(address("ann"), domain.Press{})
		ids[n-1-i] = c.Ticket.ID
		if i < n-1 {
			b.update(c.Ticket.ID, cancel)
		}
	}
	return ids
}

func ownTickets(t *testing.T, b bench) {
	want := b.history(5)
	b.press(address("eve"), domain.Press{})
	var got []domain.TicketID
	var position ports.TicketPosition
	for range 4 {
		page, err := b.List(t.Context(), ports.TicketQuery{User: "ann", Limit: 2, Before: position})
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range page {
			got = append(got, k.ID)
			position = ports.TicketPosition{CreatedAt: k.CreatedAt, ID: k.ID}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func byStatus(t *testing.T, b bench) {
	ids := b.history(3)
	if diff := cmp.Diff(ids[1:], b.list(ports.TicketQuery{User: "ann", Limit: 10, Status: domain.Cancelled})); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]domain.TicketID{}, b.list(ports.TicketQuery{User: "ann", Limit: 10, Status: domain.Resolved})); diff != "" {
		t.Error(diff)
	}
}

func helpersList(t *testing.T, b bench) {
	b.contact("ann", "mum")
	c, _ := b.press(address("ann"), domain.Press{Countdown: 20 * time.Second})
	q := ports.TicketQuery{User: "mum", AsHelper: true, Limit: 10}
	if ids := b.list(q); len(ids) != 0 {
		t.Errorf("during the countdown: %v", ids)
	}
	b.update(c.Ticket.ID, func(c *domain.Case, now time.Time) error { return c.SendNow(reporter(c), now) })
	if diff := cmp.Diff([]domain.TicketID{c.Ticket.ID}, b.list(q)); diff != "" {
		t.Error(diff)
	}
	for name, q := range map[string]ports.TicketQuery{
		"her own":        {User: "mum", Limit: 10},
		"the stranger's": {User: "eve", AsHelper: true, Limit: 10},
	} {
		if ids := b.list(q); len(ids) != 0 {
			t.Errorf("%s: %v", name, ids)
		}
	}
}

func timelinePages(t *testing.T, b bench) {
	c, _ := b.press(address("ann"), domain.Press{Type: domain.Theft})
	b.update(c.Ticket.ID, comment)
	b.update(c.Ticket.ID, func(c *domain.Case, now time.Time) error { return c.Resolve(reporter(c), domain.Safe, "", now) })
	first, err := b.Timeline(t.Context(), c.Ticket.ID, 0, 3)
	if err != nil {
		t.Fatal(err)
	}
	rest, err := b.Timeline(t.Context(), c.Ticket.ID, 3, 3)
	if err != nil {
		t.Fatal(err)
	}
	var kinds []domain.EventKind
	for _, e := range append(first, rest...) {
		kinds = append(kinds, e.Kind)
		if e.By.User != "ann" || e.By.Kind() != "reporter" || e.At.IsZero() {
			t.Errorf("event %+v", e)
		}
	}
	if diff := cmp.Diff([]domain.EventKind{domain.EventCreated, domain.EventSent, domain.EventComment, domain.EventResolved}, kinds); diff != "" {
		t.Error(diff)
	}
	if first[2].Data["note"] != "words" {
		t.Errorf("the comment holds %v", first[2].Data)
	}
}

func nothingToRead(t *testing.T, b bench) {
	id := domain.TicketID(newID())
	_, err := b.Ticket(t.Context(), id)
	mustFail(t, err, domain.ErrTicketNotFound)
	if events, err := b.Timeline(t.Context(), id, 0, 10); len(events) > 0 {
		t.Errorf("a timeline of nothing: %v (%v)", events, err)
	}
}
