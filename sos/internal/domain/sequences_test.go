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

func reload(c *domain.Case) *domain.Case {
	return &domain.Case{Ticket: c.Ticket, Helpers: c.Helpers, Standing: c.Standing}
}

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
		desk := domain.Desk{Now: e.now}
		if rapid.Bool().Draw(t, "contacts") {
			desk.Helpers = []domain.Recipient{{"c1", "mum", "Mum", false}, {"c2", "ben", "Ben", false}}
		}
		if rapid.Bool().Draw(t, "staff") {
			desk.Standing.Dispatchers = []domain.UserID{"desk", "night desk", "reporter", "ben"}
		}
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
	pause := rapid.SampledFrom([]time.Duration{0, time.Second, 25 * time.Second, time.Minute, 3 * time.Minute, 20 * time.Minute, time.Hour})
	e.now = e.now.Add(pause.Draw(t, "pause"))
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
	name := rapid.SampledFrom([]string{"timer", "timer", "timer", "press", "send-now", "acknowledge", "raise", "comment", "resolve", "cancel", "reopen", "assign", "accept", "release", "dial"}).Draw(t, "command")
	if name == "timer" {
		return e.timer(t)
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
	case "assign":
		return c.Assign(by, domain.Actor{User: rapid.SampledFrom([]domain.UserID{"desk", "mum", "volunteer"}).Draw(t, "assignee"), Roles: domain.Dispatcher}, now)
	case "accept":
		return c.Accept(by, now)
	case "release":
		return c.Release(by, now)
	default: // dial
		return c.Dialled(by, c.CallFrom("call", ""), now)
	}
}

// timer lets the ticket's own timer end, early or late.
func (e *emergency) timer(t *rapid.T) error {
	timer, runs := e.c.Ticket.Timer()
	if rapid.Bool().Draw(t, "on time") && runs && timer.Due.After(e.now) {
		e.now = timer.Due
	}
	due := runs && !timer.Due.After(e.now)
	before := e.c.Ticket.LastSeq
	late, fired, err := e.c.TimerOver(e.now)
	switch {
	case fired != due:
		t.Fatalf("the %s timer of %v ended at %v: %v", timer.Kind, timer.Due, e.now, fired)
	case fired && e.c.Ticket.LastSeq != before+1:
		t.Fatalf("a %s timer brought %d events", timer.Kind, e.c.Ticket.LastSeq-before)
	case fired && late != e.now.Sub(timer.Due):
		t.Fatalf("late by %v, said %v", e.now.Sub(timer.Due), late)
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
	e.checkTimer(t)
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
	staff := map[domain.UserID]bool{"volunteer": true} // by being assigned
	for _, user := range e.c.Standing.Dispatchers {
		staff[user] = true
	}
	type delivery struct {
		seq int
		to  domain.UserID
	}
	seen := map[delivery]bool{}
	for _, a := range e.c.Alerts() {
		d := delivery{a.Seq, a.Recipient}
		helper := staff[a.Recipient] || a.Recipient == "desk" || a.Recipient == "mum" && a.Kind == domain.AlertAssigned
		for _, h := range e.c.Helpers {
			helper = helper || h.User == a.Recipient
		}
		if seen[d] || !helper && a.Recipient != "reporter" || a.Alarm() && a.Recipient == "reporter" {
			t.Fatalf("%s is told of event %d, twice or for no reason", a.Recipient, a.Seq)
		}
		seen[d] = true
	}
}

// checkTimer: an open ticket is never left to itself, and a closed one is left alone.
func (e *emergency) checkTimer(t *rapid.T) {
	k := e.c.Ticket
	timer, runs := k.Timer()
	switch last := len(k.Escalation.Policy.Levels) - 1; {
	case runs == k.Status.Closed():
		t.Fatalf("%s, timer %v", k.Status, runs)
	case k.Escalation.Paused > 6*time.Minute:
		t.Fatalf("paused for %v", k.Escalation.Paused)
	case k.Status == domain.InProgress && timer.Kind != domain.TimerNoShow && k.Escalation.HeldUntil != nil:
		t.Fatalf("%s with the timer %s", k.Status, timer.Kind)
	case k.AlarmedAt != nil && (k.EscalationLevel > last || k.Escalation.Level > last || k.Escalation.Level < k.EscalationLevel):
		t.Fatalf("level %d of %d was fired, %d is next", k.EscalationLevel, last, k.Escalation.Level)
	case k.Status == domain.Pending && k.Escalation.HeldUntil != nil:
		t.Fatal("pending, and yet somebody is on it")
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
