package domain

import (
	"strconv"
	"time"
)

// LiveKind is what those who follow a ticket at this moment are shown.
type LiveKind string

// The kinds of what is shown live.
const (
	LiveLocation     LiveKind = "location"
	LiveStatus       LiveKind = "status"
	LiveAcknowledged LiveKind = "acknowledged"
	LiveComment      LiveKind = "comment"
)

// LiveEvent is shown to whoever follows the ticket now, and kept nowhere: who
// must hear of it is alerted.
type LiveEvent struct {
	Ticket TicketID
	Kind   LiveKind
	Key    string // with the ticket it tells this event from all others
	At     time.Time

	Event    Event     // of the timeline; zero for a place on the reporter's way
	Status   Status    // then
	Priority Priority  // then
	Level    int       // of the escalation, then
	Version  int       // of the ticket, then
	Place    *Location // where the reporter is
}

// Live is what has come of the commands, for those who follow. While nobody
// may know of the ticket it is for the reporter's own other devices.
func (c *Case) Live() []LiveEvent {
	var live []LiveEvent
	for _, e := range c.events {
		live = append(live, c.live(liveKind(e.Kind), e))
	}
	return live
}

func (c *Case) live(kind LiveKind, e Event) LiveEvent {
	t := c.Ticket
	shown := LiveEvent{Ticket: t.ID, Kind: kind, Key: "event " + strconv.Itoa(e.Seq), At: e.At, Event: e, Status: t.Status, Priority: t.Priority, Level: t.EscalationLevel, Version: t.Version}
	if kind == LiveLocation {
		shown.Place = t.Location
	}
	return shown
}

func liveKind(kind EventKind) LiveKind {
	switch kind {
	case EventLocation:
		return LiveLocation
	case EventAcknowledged:
		return LiveAcknowledged
	case EventComment:
		return LiveComment
	default:
		return LiveStatus
	}
}

// LiveAt is where the reporter is after a batch of fixes.
func (c *Case) LiveAt(now time.Time) LiveEvent {
	t := c.Ticket
	return LiveEvent{Ticket: t.ID, Kind: LiveLocation, Key: "way " + now.Format(time.RFC3339Nano), At: now, Status: t.Status, Priority: t.Priority, Version: t.Version, Place: t.Location}
}
