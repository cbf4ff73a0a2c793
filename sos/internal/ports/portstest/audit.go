package portstest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

func auditTests() map[string]func(*testing.T, bench) {
	return map[string]func(*testing.T, bench){
		"while all is well an audit finds nothing":       allWell,
		"an audit finds what was refused":                findsParked,
		"alerts of a ticket count until they are handed": undelivered,
	}
}

func (b bench) audit() ports.Findings {
	b.t.Helper()
	found, err := b.Audit(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	return found
}

func allWell(t *testing.T, b bench) {
	if diff := cmp.Diff(ports.Findings{}, b.audit()); diff != "" {
		t.Errorf("of nothing: %s", diff)
	}
	c := b.alarm("mum", "ben")
	b.press(address("eve"), domain.Press{Countdown: 20 * time.Second})
	desk := domain.Actor{User: "desk", Roles: domain.Dispatcher}
	b.update(c.Ticket.ID, func(c *domain.Case, now time.Time) error { return c.Assign(desk, desk, now) })
	found := b.audit()
	if found.Waiting != 5 || found.OldestAlertWaiting <= 0 || found.OldestAlertWaiting > time.Minute {
		t.Errorf("%d alerts wait, the oldest for %v", found.Waiting, found.OldestAlertWaiting)
	}
	found.Waiting, found.OldestAlertWaiting = 0, 0
	if diff := cmp.Diff(ports.Findings{}, found); diff != "" {
		t.Error(diff)
	}
}

func findsParked(t *testing.T, b bench) {
	c := b.alarm("mum")
	b.settle(b.claim(10), ports.Parked, 0)
	if n := b.audit().AlertsParked; n != 1 {
		t.Errorf("%d parked", n)
	}
	b.update(c.Ticket.ID, cancel)
	if n := b.audit().AlertsParked; n != 0 {
		t.Errorf("%d parked after the end", n)
	}
}

func undelivered(t *testing.T, b bench) {
	c := b.alarm("mum", "ben")
	claim := b.claim(1)
	for i, want := range []int{2, 1} {
		if n, err := b.Undelivered(t.Context(), c.Ticket.ID); n != want || err != nil {
			t.Errorf("%d, want %d (%v)", n, want, err)
		}
		if i == 0 {
			b.settle(claim, ports.Delivered, 0)
		}
	}
}
