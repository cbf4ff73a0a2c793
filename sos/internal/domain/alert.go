package domain

import (
	"slices"
	"strings"
	"time"
)

// AlertKind is what an alert is about; it travels to clients as data.kind.
type AlertKind string

// The kinds of alerts. Triggered is the alarm: a client that gets one rings.
const (
	AlertTriggered    AlertKind = "sos.triggered"
	AlertAcknowledged AlertKind = "sos.acknowledged"
	AlertResolved     AlertKind = "sos.resolved"
	AlertCancelled    AlertKind = "sos.cancelled"
	AlertDialled      AlertKind = "sos.emergency_called"
	AlertEscalated    AlertKind = "sos.escalated" // the alarm again: nobody has answered
	AlertAssigned     AlertKind = "sos.assigned"
	AlertTest         AlertKind = "sos.test"            // nobody needs help
	AlertInvited      AlertKind = "sos.contact_invited" // nor here: somebody wants them as a contact
)

func alertKind(kind EventKind) AlertKind {
	switch kind {
	case EventAcknowledged:
		return AlertAcknowledged
	case EventResolved:
		return AlertResolved
	case EventCancelled:
		return AlertCancelled
	case EventDialled:
		return AlertDialled
	case EventEscalated:
		return AlertEscalated
	case EventAssigned:
		return AlertAssigned
	default: // sent, pressed again, reopened, released
		return AlertTriggered
	}
}

// Alert is one thing that one person must be told. Ticket and Seq name the
// event, so that a repeat can be recognised by whoever receives it.
type Alert struct {
	TicketID     TicketID
	Seq          int
	Recipient    UserID
	Kind         AlertKind
	At           time.Time
	ReporterName string
	ToReporter   bool   // the recipient is the one who called for help
	ByName       string // who caused it
	Type         EmergencyType
	Location     *Location
	Drill        bool
	Level        int       // of the escalation, for alarms
	Channels     []Channel // how to reach them; nil = as the receiver sees fit
	ToStaff      bool      // the recipient is told as a dispatcher
	Trace        string    // what it is followed by on its way; no part of what it says
}

// Alarm tells whether somebody is needed.
func (a Alert) Alarm() bool { return a.Kind == AlertTriggered || a.Kind == AlertEscalated }

// Priority: the alarm itself goes ahead of everything; what follows is not worth
// waking anybody by SMS, and no more is what staff, who look at a screen, are
// told before the policy says to be loud.
func (a Alert) Priority() Priority {
	if a.Alarm() && (!a.ToStaff || a.loud()) {
		return Critical
	}
	if a.Kind == AlertInvited {
		return Medium
	}
	return High
}

func (a Alert) loud() bool {
	return slices.Contains(a.Channels, ChannelSMS) || slices.Contains(a.Channels, ChannelEmail)
}

// nobodysName is for accounts without a name.
const nobodysName = "Someone"

// Reporter is the name to show for who called for help; never empty.
func (a Alert) Reporter() string { return orNobody(a.ReporterName) }

func orNobody(name string) string {
	if name == "" {
		return nobodysName
	}
	return name
}

// Words are title and body in English. They hold names, and never a place:
// they may show on a locked screen.
func (a Alert) Words() (title, body string) {
	title, body = a.words()
	if a.Drill {
		title = "Drill: " + title
	}
	return title, body
}

func (a Alert) words() (title, body string) {
	switch a.Kind {
	case AlertTest:
		return "Test: " + a.Reporter() + " would reach you here", "Nobody needs help. In an emergency an alarm would arrive like this."
	case AlertInvited:
		return a.Reporter() + " would like to alarm you in an emergency", "Open the app to agree, or to refuse."
	case AlertAcknowledged:
		if a.ToReporter {
			return orNobody(a.ByName) + " has seen your call for help", "You are not alone: " + orNobody(a.ByName) + " knows."
		}
		return orNobody(a.ByName) + " has seen the alarm", orNobody(a.ByName) + " knows that " + a.Reporter() + " needs help."
	case AlertDialled:
		return orNobody(a.ByName) + " has called the emergency services", "They know that " + a.Reporter() + " needs help."
	case AlertResolved:
		if a.ToReporter {
			return "Your call for help is resolved", "Your contacts have been told."
		}
		return a.Reporter() + "'s call for help is resolved", "The emergency is over."
	case AlertCancelled:
		if a.ToReporter {
			return "Your call for help was cancelled", "Your contacts have been told that it was a false alarm."
		}
		return a.Reporter() + "'s call for help was a false alarm", "The alarm has been cancelled."
	case AlertAssigned:
		if a.ToReporter {
			return "Help is being organised", orNobody(a.ByName) + " sees to your call for help."
		}
		return "Somebody sees to " + a.Reporter() + "'s call for help", "Open the app to see how it goes on."
	case AlertEscalated:
		return a.Reporter() + " still needs help", a.emergency() + ", and nobody has come forward. Open the app to see where, and say that you know."
	default:
		return a.Reporter() + " needs help", a.emergency() + ". Open the app to see where, and say that you know."
	}
}

func (a Alert) emergency() string {
	if a.Type == OtherType || a.Type == "" {
		return "Emergency"
	}
	kind := strings.ReplaceAll(string(a.Type), "_", " ")
	return strings.ToUpper(kind[:1]) + kind[1:] + " emergency"
}
