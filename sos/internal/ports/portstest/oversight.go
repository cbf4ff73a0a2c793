package portstest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

func oversightTests() map[string]func(*testing.T, bench) {
	return map[string]func(*testing.T, bench){
		"staff see everybody's tickets, the newest first": allTickets,
		"stats tell how calls for help were answered":     stats,
		"stats of nothing are nothing":                    noStats,
	}
}

func (b bench) all(q ports.AllQuery) []domain.Ticket {
	b.t.Helper()
	tickets, err := b.All(b.t.Context(), q)
	if err != nil {
		b.t.Fatal(err)
	}
	return tickets
}

func allTickets(t *testing.T, b bench) {
	var want []domain.TicketID
	for _, reporter := range []string{"ann", "eve", "joe"} {
		c, _ := b.press(address(reporter), domain.Press{})
		want = append([]domain.TicketID{c.Ticket.ID}, want...)
	}
	b.update(want[1], cancel)
	at := address("ann")
	at.Drill = true
	drill, _ := b.press(at, domain.Press{})
	yes, no := true, false
	for name, tc := range map[string]struct {
		q    ports.AllQuery
		want []domain.TicketID
	}{
		"all":       {ports.AllQuery{}, append([]domain.TicketID{drill.Ticket.ID}, want...)},
		"drills":    {ports.AllQuery{Drill: &yes}, []domain.TicketID{drill.Ticket.ID}},
		"real":      {ports.AllQuery{Drill: &no}, want},
		"cancelled": {ports.AllQuery{Status: domain.Cancelled}, want[1:2]},
		"nothing":   {ports.AllQuery{Status: domain.Resolved}, nil},
	} {
		var got []domain.TicketID
		for tc.q.Limit = 2; ; {
			page := b.all(tc.q)
			for _, k := range page {
				got = append(got, k.ID)
				tc.q.Before = ports.TicketPosition{CreatedAt: k.CreatedAt, ID: k.ID}
			}
			if len(page) < tc.q.Limit {
				break
			}
		}
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func stats(t *testing.T, b bench) {
	b.contact("ann", "mum")
	c, _ := b.press(address("ann"), domain.Press{})
	helper := domain.Actor{User: "mum", Roles: domain.Helper}
	c = b.update(c.Ticket.ID, func(c *domain.Case, now time.Time) error { return c.Acknowledge(helper, "", now) })
	b.press(address("eve"), domain.Press{})
	b.press(address("joe"), domain.Press{Countdown: 20 * time.Second})
	got, err := b.Stats(t.Context(), time.Hour, false)
	if err != nil {
		t.Fatal(err)
	}
	// A database interpolates between samples in floating point.
	got.P50, got.P95 = got.P50.Round(time.Millisecond), got.P95.Round(time.Millisecond)
	took := c.Ticket.AcknowledgedAt.Sub(*c.Ticket.AlarmedAt).Round(time.Millisecond)
	want := ports.Stats{
		Since: got.Since, Until: got.Since.Add(time.Hour), Acknowledged: 1, P50: took, P95: took,
		ByStatus: map[domain.Status]int{domain.Pending: 2, domain.Countdown: 1}, ByLevel: map[int]int{0: 1, 2: 1},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func noStats(t *testing.T, b bench) {
	b.press(address("ann"), domain.Press{})
	for name, ask := range map[string]struct {
		back  time.Duration
		drill bool
	}{"drills": {time.Hour, true}, "the last instant": {time.Nanosecond, false}} {
		got, err := b.Stats(t.Context(), ask.back, ask.drill)
		if err != nil || len(got.ByStatus)+len(got.ByLevel)+got.Acknowledged != 0 || got.P50+got.P95 != 0 {
			t.Errorf("%s: %+v (%v)", name, got, err)
		}
	}
}
