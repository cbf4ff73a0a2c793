package domain

// Roles are what somebody is to one ticket; a person can be several at once.
type Roles uint8

// The roles.
const (
	Reporter   Roles = 1 << iota // who called for help
	Helper                       // a trusted contact whom the ticket was sent to
	Dispatcher                   // staff (role ADMIN or SUPER_ADMIN)
	Clock                        // the service itself, when a timer ends
	Follower                     // who holds a link to the ticket
)

// anybody who sees a ticket.
const anybody = Reporter | Helper | Dispatcher

// Actor is who does something to a ticket. Name is what the others are shown.
type Actor struct {
	User  UserID
	Name  string
	Roles Roles
}

// Kind is the role that the timeline names: the one closest to the emergency.
func (a Actor) Kind() string {
	switch {
	case a.Roles&Reporter != 0:
		return "reporter"
	case a.Roles&Helper != 0:
		return "contact"
	case a.Roles&Dispatcher != 0:
		return "dispatcher"
	default:
		return "system"
	}
}

// timer is the actor of what happens because time has passed.
var timer = Actor{Roles: Clock}

// Caller is who makes a request, before any ticket is looked at.
type Caller struct {
	User UserID
	// Staff may see and handle every ticket.
	Staff bool
	// EmergencyOnly: the proof of identity is a SOS credential or an expired
	// token, which opens nothing but what the caller's own emergency needs.
	EmergencyOnly bool
}

// ActorFor is what the caller is to the case; ErrTicketNotFound for those who
// must not learn that it exists. Contacts see a ticket from the alarm on:
// of a countdown that is taken back nobody is told.
func (c *Case) ActorFor(caller Caller) (Actor, error) {
	actor := Actor{User: caller.User}
	if caller.User == c.Ticket.Reporter.ID {
		actor.Roles |= Reporter
		actor.Name = c.Ticket.Reporter.Name
	}
	if caller.EmergencyOnly {
		return actor, actor.orHidden()
	}
	if caller.Staff {
		actor.Roles |= Dispatcher
	}
	if helper, ok := c.Helper(caller.User); ok && c.Ticket.AlarmedAt != nil {
		actor.Roles |= Helper
		actor.Name = helper.Name
	}
	return actor, actor.orHidden()
}

func (a Actor) orHidden() error {
	if a.Roles == 0 {
		return ErrTicketNotFound
	}
	return nil
}

// Helper is the contact of the ticket who is the user, and still agrees to be it.
func (c *Case) Helper(user UserID) (Recipient, bool) {
	for _, h := range c.Helpers {
		if h.User == user && !h.Withdrawn {
			return h, true
		}
	}
	return Recipient{}, false
}

// RolesNamed is the way back from Actor.Kind.
func RolesNamed(kind string) Roles {
	switch kind {
	case "reporter":
		return Reporter
	case "contact":
		return Helper
	case "dispatcher":
		return Dispatcher
	default:
		return Clock
	}
}
