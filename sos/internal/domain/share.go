package domain

import (
	"slices"
	"strings"
	"time"

	"github.com/loveapp/backend/shared/fault"
)

// ShareID is one link; its token is derived from it.
type ShareID string

const (
	// shareLife is the longest that a link opens anything, should the ticket stay
	// open for that long; shareRest is how long after the end it still tells how it ended.
	shareLife = 7 * 24 * time.Hour
	shareRest = 24 * time.Hour
	// maxShares is how many links of one ticket may be good at once.
	maxShares = 20
	// maxShareName is in characters.
	maxShareName = 100
)

// What can go wrong with links.
var (
	ErrShareNotFound = fault.New(fault.NotFound, "not_found", "There is no such link.")
	ErrShareLimit    = fault.New(fault.Conflict, "share_limit", "Twenty links to this ticket are good already; revoke one first.")
	ErrTicketClosed  = fault.New(fault.Conflict, "ticket_closed", "The call for help has ended: there is nothing to follow.")
	ErrNoContactLink = fault.New(fault.Forbidden, "forbidden", "This link was made for nobody in particular, so nobody can answer by it.")
)

// Share is one link that lets whoever holds it follow a ticket: one for each
// person, so that it is known through whom it got about.
type Share struct {
	ID        ShareID
	Ticket    TicketID
	Contact   ContactID // whose own link it is; "" = nobody's in particular
	Name      string    // whom the reporter made it for
	CreatedAt time.Time
	ExpiresAt time.Time // at the latest
	RevokedAt *time.Time
}

// Share makes a link to the ticket. contact is one of those whom it was sent
// to, or ""; others is how many links to it are good now.
func (c *Case) Share(id ShareID, contact ContactID, name string, others int, by Actor, now time.Time) (Share, error) {
	switch {
	case !CanView(by, c.Ticket, ViewShares):
		return Share{}, ErrForbidden
	case c.Ticket.Status.Closed():
		return Share{}, ErrTicketClosed
	case others >= maxShares:
		return Share{}, ErrShareLimit
	}
	if contact != "" {
		i := slices.IndexFunc(c.Helpers, func(h Recipient) bool { return h.Contact == contact && !h.Withdrawn })
		if i < 0 {
			return Share{}, fault.NewInvalid(fault.Field{Field: "contactId", Code: "unknown_value", Message: "must be a contact whom the call for help was sent to"})
		}
		name = c.Helpers[i].Name
	}
	name, _ = CleanText("name", name, maxShareName)
	return Share{ID: id, Ticket: c.Ticket.ID, Contact: contact, Name: name, CreatedAt: now, ExpiresAt: now.Add(shareLife)}, nil
}

// EndsAt is when the link opens nothing any more.
func (s Share) EndsAt(t Ticket) time.Time {
	if t.ClosedAt != nil && t.ClosedAt.Add(shareRest).Before(s.ExpiresAt) {
		return t.ClosedAt.Add(shareRest)
	}
	return s.ExpiresAt
}

// Good tells whether the link still opens anything.
func (s Share) Good(t Ticket, now time.Time) bool {
	return s.RevokedAt == nil && now.Before(s.EndsAt(t))
}

// Holder is who holds the link: the contact whom it was made for, or a mere follower.
func (s Share) Holder(c *Case) Actor {
	for _, h := range c.Helpers {
		if s.Contact != "" && h.Contact == s.Contact {
			return Actor{User: h.User, Name: h.Name, Roles: Helper}
		}
	}
	return Actor{Name: s.Name, Roles: Follower}
}

// PublicView is all that a link shows: how it stands and, while help is needed,
// where. No number, no address, no other contact, and of names only the first.
type PublicView struct {
	Status         Status
	Type           EmergencyType
	Reporter       string // the first name; "" where it is not known
	Location       *Location
	Drill          bool
	Acknowledged   bool
	CanAcknowledge bool
	Outcome        Outcome
	CreatedAt      time.Time
	UpdatedAt      time.Time
	ClosedAt       *time.Time
	ExpiresAt      time.Time
}

// View is the ticket as the holder of the link sees it.
func (s Share) View(t Ticket) PublicView {
	t = t.SeenBy(Actor{Roles: Follower})
	_, err := t.Next(Acknowledge, Actor{Roles: Helper})
	first, _, _ := strings.Cut(strings.TrimSpace(t.Reporter.Name), " ")
	return PublicView{
		Status: t.Status, Type: t.Type, Reporter: first, Location: t.Location, Drill: t.Drill, Acknowledged: t.AcknowledgedAt != nil,
		CanAcknowledge: s.Contact != "" && err == nil, Outcome: t.Outcome, CreatedAt: t.CreatedAt, UpdatedAt: t.UpdatedAt, ClosedAt: t.ClosedAt,
		ExpiresAt: s.EndsAt(t),
	}
}
