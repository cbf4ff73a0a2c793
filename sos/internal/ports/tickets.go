// Package ports says what the use cases need from outside. The comments are
// the contracts; package portstest holds every adapter to them.
//
// Every time that an adapter hands out or decides by comes from one clock: the
// database's, never a device's or a process's.
package ports

import (
	"context"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
)

// PressAddress says where a press belongs before anything is known about it.
type PressAddress struct {
	ID       domain.PressID
	Reporter domain.UserID
	Drill    bool
	// Network is the digest of where a guest's press came from; "" for accounts.
	Network string
}

// Tickets stores tickets, each together with what its commands have brought
// about: helpers, timeline, timer and alerts, all or nothing.
//
// The functions passed in run while the ticket is locked. They may run more
// than once, so they touch nothing but what they are given and their own
// result, and they call nobody. Their errors come back as they are.
type Tickets interface {
	// Press lays everything that decides about a press before take and stores
	// the case it returns under the press's id, so that the same press finds it
	// again. Presses of one reporter are taken one after the other. It fails with
	// a fault of kind Unavailable as soon as the store proves to be out of reach,
	// at the latest when ctx ends.
	Press(ctx context.Context, at PressAddress, take func(domain.Desk) (*domain.Case, bool, error)) (domain.Case, error)
	// Update changes one ticket. It fails with ErrTicketNotFound where there is
	// none, and with ErrOpenTicketExists where the change would give the reporter
	// a second open ticket of the same kind. A case without events is not stored.
	// The same request within 24 hours changes nothing and gives the ticket as it
	// is; the same key with another body fails with ErrKeyReused.
	Update(ctx context.Context, id domain.TicketID, once Repeatable, change func(c *domain.Case, now time.Time) error) (domain.Case, error)
}

// Timers fires what was due.
type Timers interface {
	// Fire takes one ticket whose timer is due, the longest due first, calls end
	// with it and stores what came of it together with the timer that runs then. Any
	// number of processes may call it: each timer ends once. Tickets that another
	// process has in its hands and those set aside are passed over; id is "" where
	// none is left, and where it is not, it names the ticket although end, or
	// storing what came of it, has failed: the timer is still due then.
	Fire(ctx context.Context, aside []domain.TicketID, end func(c *domain.Case, now time.Time) error) (id domain.TicketID, err error)
}

// Reading looks without deciding anything.
type Reading interface {
	// Ticket fails with ErrTicketNotFound where there is none.
	Ticket(ctx context.Context, id domain.TicketID) (domain.Case, error)
	// List gives the newest first.
	List(ctx context.Context, q TicketQuery) ([]domain.Ticket, error)
	// Timeline gives up to limit events with a higher number than after, in order.
	Timeline(ctx context.Context, id domain.TicketID, after, limit int) ([]domain.Event, error)
}

// TicketQuery asks for tickets of one person.
type TicketQuery struct {
	User domain.UserID
	// AsHelper asks for those that the user was called to, once the alarm is out; else for their own.
	AsHelper bool
	Status   domain.Status // "" = any
	Limit    int
	// Before continues behind a ticket; the zero value starts at the newest.
	Before TicketPosition
}

// TicketPosition is where in the order a ticket stands.
type TicketPosition struct {
	CreatedAt time.Time
	ID        domain.TicketID
}
