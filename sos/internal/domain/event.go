package domain

import "time"

// EventKind is what happened to a ticket.
type EventKind string

// The kinds of events in a timeline.
const (
	EventCreated      EventKind = "created"
	EventSent         EventKind = "sent"          // the alarm went out
	EventPressedAgain EventKind = "pressed_again" // and again
	EventLocation     EventKind = "location"
	EventAcknowledged EventKind = "acknowledged"
	EventRaised       EventKind = "raised"
	EventComment      EventKind = "comment"
	EventResolved     EventKind = "resolved"
	EventCancelled    EventKind = "cancelled"
	EventReopened     EventKind = "reopened"
	EventDialled      EventKind = "dialled"     // somebody has spoken to the authorities
	EventCalling      EventKind = "calling"     // the provider was asked to call
	EventCallFailed   EventKind = "call_failed" // and nobody has picked up
	EventEscalated    EventKind = "escalated"   // a level of the policy was fired
	EventResumed      EventKind = "resumed"     // the time that an acknowledgement gave is over
	EventAssigned     EventKind = "assigned"
	EventReleased     EventKind = "released" // nobody is on it any more
	EventClaimed      EventKind = "claimed"  // a guest's ticket became an account's
)

// Event is one line of a ticket's timeline. Lines are numbered from 1 without
// gaps and never change.
type Event struct {
	Seq  int
	At   time.Time
	Kind EventKind
	By   Actor
	Data map[string]any // strings and numbers; never coordinates
}

// record adds a line to the timeline.
func (c *Case) record(kind EventKind, by Actor, now time.Time, data map[string]any) Event {
	if len(c.events) == 0 {
		c.Ticket.Version++
	}
	c.Ticket.LastSeq++
	c.Ticket.UpdatedAt = now
	c.heardOf(by, now)
	e := Event{Seq: c.Ticket.LastSeq, At: now, Kind: kind, By: by, Data: data}
	c.events = append(c.events, e)
	return e
}

// alarm records an event that starts the ladder from the bottom.
func (c *Case) alarm(kind EventKind, by Actor, now time.Time, data map[string]any) {
	c.alarmFrom(0, kind, by, now, data)
}

// alarmFrom starts it at a level. While somebody is on the ticket everybody is
// told, and nothing follows by itself.
func (c *Case) alarmFrom(level int, kind EventKind, by Actor, now time.Time, data map[string]any) {
	c.Ticket.CountdownEndsAt = nil
	if c.Ticket.AlarmedAt == nil {
		c.Ticket.AlarmedAt = &now
	}
	to := c.begin(level, by.User, now)
	if data == nil {
		data = make(map[string]any, 2)
	}
	data["level"], data["reached"] = c.Ticket.EscalationLevel, len(to)
	c.deliver(c.record(kind, by, now, data), to)
}

// tell records an event and queues an alert for each who is concerned and did
// not cause it. While nobody knows of the ticket, nobody is told how it ends.
func (c *Case) tell(kind EventKind, by Actor, now time.Time, data map[string]any) Event {
	e := c.record(kind, by, now, data)
	if c.Ticket.AlarmedAt == nil {
		return e
	}
	if reporter := c.Ticket.Reporter.ID; by.User != reporter && !reporter.Guest() {
		c.alerts = append(c.alerts, c.alert(e, reporter))
	}
	c.tellHelpers(e)
	return e
}

func (c *Case) tellHelpers(e Event) {
	for _, h := range c.Helpers {
		if h.User != e.By.User && !h.Withdrawn {
			c.alerts = append(c.alerts, c.alert(e, h.User))
		}
	}
}

func (c *Case) alert(e Event, to UserID) Alert {
	t := c.Ticket
	if to != t.Reporter.ID {
		t = t.SeenBy(Actor{Roles: Helper})
	}
	return Alert{
		TicketID: t.ID, Seq: e.Seq, Recipient: to, Kind: alertKind(e.Kind), At: e.At,
		ReporterName: t.Reporter.Name, ToReporter: to == t.Reporter.ID, ByName: e.By.Name, Type: t.Type, Location: t.Location, Drill: t.Drill,
	}
}
