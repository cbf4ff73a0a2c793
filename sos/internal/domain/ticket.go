package domain

import (
	"slices"
	"time"
)

// Ticket is one call for help.
type Ticket struct {
	ID          TicketID
	Reporter    Person
	Status      Status
	Priority    Priority
	Type        EmergencyType
	Description string
	Address     string
	Location    *Location
	Silent      bool
	Drill       bool
	OccurredAt  *time.Time // the device's clock

	CountdownEndsAt *time.Time // while in countdown
	AlarmedAt       *time.Time // when contacts were first told; nil = nobody knows
	AcknowledgedAt  *time.Time // the first acknowledgement
	AcknowledgedBy  *Actor
	Acknowledgers   []UserID // everybody who has, so that a repeat is known
	EscalationLevel int      // the highest level that was fired since the last start
	Escalation      Escalation
	Outcome         Outcome

	ReachedBy Command // what led to Status; "" = the trigger
	CreatedAt time.Time
	UpdatedAt time.Time
	ClosedAt  *time.Time
	Version   int // grows by one with each stored change
	LastSeq   int // of the timeline

	GuestPhone   string // as a guest typed it; "" = not said
	GuestAddress string // a digest of where the guest's request came from
	LowTrust     bool   // one of suspiciously many: for the dispatchers' queue only

	// Durability is what the last command survives, "" where nobody has asked. It is not stored.
	Durability Durability
}

// Person is an account by the name that others are shown.
type Person struct {
	ID   UserID
	Name string
}

// Recipient is a trusted contact as the ticket found them: the list may change
// while the emergency goes on, the ticket keeps whom it was sent to.
type Recipient struct {
	Contact ContactID
	User    UserID
	Name    string // as the reporter calls them
	// Withdrawn: one of the two has taken the consent back. The ticket keeps that it
	// was sent to them; they see and hear nothing of it any more.
	Withdrawn bool
}

// Case is a ticket with whom it was sent to, and with what its commands have
// brought about since it was loaded: whoever stores the ticket stores all of it
// in one transaction.
type Case struct {
	Ticket  Ticket
	Helpers []Recipient
	// Standing is the world around it.
	Standing Standing

	joined []Recipient
	events []Event
	alerts []Alert
	way    *Tracked
}

// Changed tells whether there is anything to store.
func (c *Case) Changed() bool { return len(c.events) > 0 }

// Joined are the helpers who were added.
func (c *Case) Joined() []Recipient { return c.joined }

// Events are the new lines of the timeline.
func (c *Case) Events() []Event { return c.events }

// Alerts are what people must be told now, in order.
func (c *Case) Alerts() []Alert { return c.alerts }

// Alarmed is how many contacts the alarm has been queued for.
func (c *Case) Alarmed() int {
	if c.Ticket.AlarmedAt == nil {
		return 0
	}
	n := 0
	for _, h := range c.Helpers {
		if !h.Withdrawn {
			n++
		}
	}
	return n
}

// Open makes the ticket of a press.
func Open(id TicketID, p Press, desk Desk) *Case {
	c := &Case{Standing: desk.Standing, Ticket: Ticket{
		ID: id, Reporter: Person{p.Reporter, desk.ReporterName}, Status: Pending, Priority: p.Type.Priority(), Type: p.Type,
		Description: p.Description, Address: p.Address, Location: p.Location, Silent: p.Silent, Drill: p.Drill,
		OccurredAt: p.OccurredAt, CreatedAt: desk.Now, UpdatedAt: desk.Now,
	}}
	c.Ticket.admitGuest(p.Guest, desk.OpenAtAddress)
	if p.Canary {
		c.Standing.Dispatchers = nil
	}
	c.join(desk.Helpers)
	by := c.reporter()
	c.record(EventCreated, by, desk.Now, map[string]any{"emergencyType": string(p.Type), "countdownSeconds": int(p.Countdown.Seconds())})
	if p.Countdown > 0 {
		ends := desk.Now.Add(p.Countdown)
		c.Ticket.Status, c.Ticket.CountdownEndsAt = Countdown, &ends
		return c
	}
	c.alarm(EventSent, by, desk.Now, map[string]any{"cause": "trigger"})
	return c
}

func (c *Case) reporter() Actor {
	return Actor{User: c.Ticket.Reporter.ID, Name: c.Ticket.Reporter.Name, Roles: Reporter}
}

// join adds the contacts who are not yet among the helpers. Nobody leaves.
func (c *Case) join(contacts []Recipient) {
	for _, r := range contacts {
		if !slices.ContainsFunc(c.Helpers, func(h Recipient) bool { return h.User == r.User }) {
			c.Helpers = append(c.Helpers, r)
			c.joined = append(c.joined, r)
		}
	}
}
