package domain_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/loveapp/backend/sos/internal/domain"
)

// emergency is a ticket with everybody who may touch it, driven at random.
type emergency struct {
	c   *domain.Case
	now time.Time
	ids int
}

func reload(c *domain.Case) *domain.Case { return &domain.Case{Ticket: c.Ticket, Helpers: c.Helpers} }

func actor(c *domain.Case, caller domain.Caller) (domain.Actor, bool) {
	a, err := c.ActorFor(caller)
	return a, err == nil
}

// callers: the reporter, two contacts, staff, staff who is a contact, a stranger.
func callers() []domain.Caller {
	return []domain.Caller{{User: "reporter"}, {User: "mum"}, {User: "ben"}, {User: "desk", Staff: true}, {User: "ben", Staff: true}, {User: "stranger"}}
}

func TestRandomCommandsNeverReachAnIllegalState(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		press := domain.Press{
			Reporter: "reporter", Type: rapid.SampledFrom([]domain.EmergencyType{domain.Medical, domain.Theft, domain.OtherType}).Draw(t, "type"),
			Countdown: time.Duration(rapid.IntRange(0, 30).Draw(t, "countdown")) * time.Second,
			Drill:     rapid.Bool().Draw(t, "drill"),
		}
		e := &emergency{now: time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)}
		desk := domain.Desk{Now: e.now, Helpers: []domain.Recipient{{"c1", "mum", "Mum"}, {"c2", "ben", "Ben"}}}
		taking, err := desk.Take("ticket", press)
		if err != nil {
			t.Fatal(err)
		}
		e.c = taking.Case
		e.check(t, nil)
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			e.step(t)
		}
	})
}

func (e *emergency) step(t *rapid.T) {
	e.now = e.now.Add(time.Duration(rapid.IntRange(0, 20).Draw(t, "minutes")) * time.Minute)
	e.c = reload(e.c)
	before := reload(e.c)
	err := e.command(t)
	e.check(t, before)
	if err != nil && (e.c.Changed() || !cmp.Equal(before.Ticket, e.c.Ticket)) {
		t.Fatalf("refused (%v), and yet changed:\n%s", err, cmp.Diff(before.Ticket, e.c.Ticket))
	}
	if !e.c.Changed() && !cmp.Equal(before.Ticket, e.c.Ticket) {
		t.Fatalf("changed without an event:\n%s", cmp.Diff(before.Ticket, e.c.Ticket))
	}
}

func (e *emergency) command(t *rapid.T) error {
	c, now := e.c, e.now
	name := rapid.SampledFrom([]string{"timer", "press", "send-now", "acknowledge", "raise", "comment", "resolve", "cancel", "reopen", "assign", "accept", "release", "dial"}).Draw(t, "command")
	if name == "timer" {
		return c.CountdownOver(now)
	}
	if name == "press" {
		return e.press(t)
	}
	caller := rapid.SampledFrom(callers()).Draw(t, "caller")
	by, seen := actor(c, caller)
	if !seen {
		return nil
	}
	switch name {
	case "send-now":
		return c.SendNow(by, now)
	case "acknowledge":
		return c.Acknowledge(by, "", now)
	case "raise":
		return c.Raise(by, rapid.SampledFrom([]domain.Priority{"", domain.Low, domain.Critical}).Draw(t, "priority"), "", now)
	case "comment":
		return c.Comment(by, "on my way", now)
	case "resolve":
		return c.Resolve(by, domain.Safe, "", now)
	case "cancel":
		return c.Cancel(by, "", now)
	case "reopen":
		return c.Reopen(by, "", now)
	default:
		return e.elsewhere(domain.Command(name), by)
	}
}

// elsewhere moves the ticket as responders and calls do.
func (e *emergency) elsewhere(command domain.Command, by domain.Actor) error {
	next, err := e.c.Ticket.Next(command, by)
	if err == nil && next != e.c.Ticket.Status {
		e.c.Ticket.Status, e.c.Ticket.ReachedBy = next, command
		return e.c.Comment(by, string(command), e.now) // so that the change has an event
	}
	return err
}

func (e *emergency) press(t *rapid.T) error {
	desk := domain.Desk{Now: e.now}
	if !e.c.Ticket.Status.Closed() {
		desk.Open = e.c
	} else {
		desk.Earlier = e.c
	}
	e.ids++
	_, err := desk.Take(domain.PressID(rune('a'+e.ids)), domain.Press{Reporter: "reporter", Type: domain.Fire, Location: &domain.Location{Latitude: rapid.Float64Range(-90, 90).Draw(t, "latitude")}})
	return err
}

func (e *emergency) check(t *rapid.T, before *domain.Case) {
	k := e.c.Ticket
	switch {
	case !k.Status.Known():
		t.Fatalf("the status is %q", k.Status)
	case k.Status.Closed() != (k.ClosedAt != nil), k.Status.Closed() != (k.Outcome != ""):
		t.Fatalf("%s, closed at %v, outcome %q", k.Status, k.ClosedAt, k.Outcome)
	case (k.Status == domain.Countdown) != (k.CountdownEndsAt != nil):
		t.Fatalf("%s, countdown ends at %v", k.Status, k.CountdownEndsAt)
	case k.AlarmedAt == nil && k.Status != domain.Countdown && k.Status != domain.Cancelled:
		t.Fatalf("%s, and nobody was told", k.Status)
	case (k.AcknowledgedAt != nil) != (len(k.Acknowledgers) > 0):
		t.Fatalf("acknowledged at %v by %v", k.AcknowledgedAt, k.Acknowledgers)
	}
	e.checkEvents(t, before)
	e.checkAlerts(t)
	if before != nil {
		e.checkStep(t, before.Ticket)
	}
}

func (e *emergency) checkEvents(t *rapid.T, before *domain.Case) {
	seq, version := 0, 0
	if before != nil {
		seq, version = before.Ticket.LastSeq, before.Ticket.Version
	}
	if e.c.Changed() {
		version++
	}
	if e.c.Ticket.Version != version {
		t.Fatalf("version %d, want %d", e.c.Ticket.Version, version)
	}
	for _, event := range e.c.Events() {
		if seq++; event.Seq != seq {
			t.Fatalf("event %d follows %d", event.Seq, seq-1)
		}
	}
}

func (e *emergency) checkAlerts(t *rapid.T) {
	type delivery struct {
		seq int
		to  domain.UserID
	}
	seen := map[delivery]bool{}
	for _, a := range e.c.Alerts() {
		d := delivery{a.Seq, a.Recipient}
		_, helper := e.c.Helpers, false
		for _, h := range e.c.Helpers {
			helper = helper || h.User == a.Recipient
		}
		if seen[d] || !helper && a.Recipient != "reporter" || a.Kind == domain.AlertTriggered && a.Recipient == "reporter" {
			t.Fatalf("%s is told of event %d, twice or for no reason", a.Recipient, a.Seq)
		}
		seen[d] = true
	}
}

func (e *emergency) checkStep(t *rapid.T, before domain.Ticket) {
	after := e.c.Ticket
	if before.Status == domain.EmergencyCalled && after.Status == domain.Cancelled {
		t.Fatal("cancelled although the authorities had been called")
	}
	if before.Status.Closed() && !after.Status.Closed() && e.now.Sub(*before.ClosedAt) > 15*time.Minute {
		t.Fatal("reopened after more than 15 minutes")
	}
	if before.AlarmedAt != nil && after.AlarmedAt == nil || before.Status != domain.Countdown && after.Status == domain.Countdown {
		t.Fatalf("went back from %s to %s", before.Status, after.Status)
	}
	if before.Priority.Above(after.Priority) {
		t.Fatalf("the priority fell from %s to %s", before.Priority, after.Priority)
	}
}

func TestACommandOfAStrangerIsOfATicketThatDoesNotExist(t *testing.T) {
	t.Parallel()
	c := domain.Open("t", domain.Press{Reporter: "reporter"}, domain.Desk{})
	if _, err := c.ActorFor(domain.Caller{User: "stranger"}); !errors.Is(err, domain.ErrTicketNotFound) {
		t.Fatalf("got %v", err)
	}
}
