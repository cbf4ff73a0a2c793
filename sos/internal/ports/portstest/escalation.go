package portstest

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

func escalationTests() map[string]func(*testing.T, bench) {
	return map[string]func(*testing.T, bench){
		"each step of an escalation happens once, whoever looks":  stepsOnce,
		"an acknowledgement and an assignment move the timer":     movedTimer,
		"a ticket that is closed has no timer":                    noTimer,
		"a ticket that cannot be handled holds up no other timer": setAside,
		"dispatchers are alarmed":                                 staffAlarmed,
	}
}

// quick is a policy whose levels follow each other at once.
func (b bench) quick() {
	b.t.Helper()
	_, err := b.ReplacePolicy(b.t.Context(), "root", func(p domain.Policy) (domain.Policy, error) {
		p.Levels[1].After, p.Levels[2].After = 20*time.Millisecond, 40*time.Millisecond
		return p, nil
	})
	if err != nil {
		b.t.Fatal(err)
	}
}

func step(c *domain.Case, now time.Time) error {
	_, _, err := c.TimerOver(now)
	return err
}

func (b bench) kinds(id domain.TicketID) map[domain.EventKind]int {
	n := map[domain.EventKind]int{}
	for _, e := range b.timeline(id) {
		n[e.Kind]++
	}
	return n
}

func stepsOnce(t *testing.T, b bench) {
	b.quick()
	c := b.alarm("mum")
	b.eventually("both levels are fired", func() bool {
		var group sync.WaitGroup
		for range 5 {
			group.Go(func() {
				if _, err := b.fire(step); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		got, err := b.Ticket(t.Context(), c.Ticket.ID)
		return err == nil && got.Ticket.EscalationLevel == 2
	})
	if fired, err := b.fire(step); fired || err != nil {
		t.Errorf("a third step is due: %v (%v)", fired, err)
	}
	if n := b.kinds(c.Ticket.ID)[domain.EventEscalated]; n != 2 {
		t.Errorf("%d steps in the timeline", n)
	}
	var seen []domain.Alert
	for range 3 {
		claim := b.claim(10)
		for _, d := range claim.Deliveries {
			seen = append(seen, d.Alert)
		}
		b.settle(claim, ports.Delivered, 0)
	}
	if len(seen) != 3 || seen[0].Kind != domain.AlertTriggered || seen[2].Kind != domain.AlertEscalated || seen[2].Level != 2 ||
		!slices.Equal(seen[2].Channels, domain.Channels()) || len(seen[0].Channels) != 2 {
		t.Errorf("alerts: %+v", seen)
	}
}

func movedTimer(t *testing.T, b bench) {
	b.quick()
	c := b.alarm("mum")
	helper := domain.Actor{User: "mum", Roles: domain.Helper}
	b.update(c.Ticket.ID, func(c *domain.Case, now time.Time) error { return c.Acknowledge(helper, "", now) })
	other, _ := b.press(address("eve"), domain.Press{Countdown: 60 * time.Millisecond})
	b.eventually("a later timer ends", func() bool {
		_, err := b.fire(step)
		got, _ := b.Ticket(t.Context(), other.Ticket.ID)
		return err == nil && got.Ticket.Status == domain.Pending
	})
	if n := b.kinds(c.Ticket.ID)[domain.EventEscalated]; n != 0 {
		t.Errorf("%d steps although somebody has acknowledged", n)
	}
	desk := domain.Actor{User: "desk", Name: "Desk", Roles: domain.Dispatcher}
	c = b.update(c.Ticket.ID, func(c *domain.Case, now time.Time) error { return c.Assign(desk, desk, now) })
	got, err := b.Ticket(t.Context(), c.Ticket.ID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(c.Ticket.Escalation, got.Ticket.Escalation); diff != "" || got.Ticket.Escalation.Assignee == nil {
		t.Errorf("read back: %s", diff)
	}
}

func noTimer(t *testing.T, b bench) {
	b.quick()
	c := b.alarm("mum")
	b.update(c.Ticket.ID, func(c *domain.Case, now time.Time) error { return c.Resolve(reporter(c), domain.Safe, "", now) })
	other, _ := b.press(address("eve"), domain.Press{Countdown: 60 * time.Millisecond})
	b.eventually("a later timer ends", func() bool {
		_, err := b.fire(step)
		got, _ := b.Ticket(t.Context(), other.Ticket.ID)
		return err == nil && got.Ticket.Status == domain.Pending
	})
	if n := b.kinds(c.Ticket.ID)[domain.EventEscalated]; n != 0 {
		t.Errorf("%d steps of a closed ticket", n)
	}
}

func setAside(t *testing.T, b bench) {
	b.quick()
	bad := b.alarm("mum")
	other, _ := b.press(address("eve"), domain.Press{Countdown: time.Millisecond})
	refusal := errors.New("no")
	refuse := func(c *domain.Case, now time.Time) error {
		if c.Ticket.ID == bad.Ticket.ID {
			return refusal
		}
		return step(c, now)
	}
	var aside []domain.TicketID
	b.eventually("the other's countdown ends", func() bool {
		id, err := b.Fire(t.Context(), aside, refuse)
		if errors.Is(err, refusal) {
			if id != bad.Ticket.ID || len(aside) > 0 {
				t.Fatalf("failed for %q with %v aside", id, aside)
			}
			aside = append(aside, id)
		}
		got, _ := b.Ticket(t.Context(), other.Ticket.ID)
		return len(aside) == 1 && got.Ticket.Status == domain.Pending
	})
	if got, _ := b.Ticket(t.Context(), bad.Ticket.ID); got.Ticket.EscalationLevel != 0 {
		t.Errorf("stored: level %d", got.Ticket.EscalationLevel)
	}
}

func staffAlarmed(t *testing.T, b bench) {
	if err := b.KeepDispatchers(t.Context(), []domain.UserID{"desk", "ann"}); err != nil {
		t.Fatal(err)
	}
	b.alarm("mum")
	claim := b.claim(10)
	if diff := cmp.Diff(map[domain.UserID]int{"mum": 1, "desk": 1}, recipients(claim)); diff != "" {
		t.Error(diff)
	}
	for _, d := range claim.Deliveries {
		if d.Alert.ToStaff != (d.Alert.Recipient == "desk") {
			t.Errorf("%s is told as staff: %v", d.Alert.Recipient, d.Alert.ToStaff)
		}
	}
}
