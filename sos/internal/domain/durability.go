package domain

import "github.com/loveapp/backend/shared/fault"

// Durability is what a stored call for help survives.
type Durability string

// The durabilities.
const (
	// Replicated: a second machine has it, too.
	Replicated Durability = "replicated"
	// Local: it is on one machine's disk, and no second one is configured.
	Local Durability = "local"
	// Unconfirmed: the second machine has not said yet that it has it. The alarm
	// is out nevertheless; the same key asks again.
	Unconfirmed Durability = "unconfirmed"
)

// Change is what a command has made of a ticket.
type Change struct {
	Ticket  TicketID
	Version int
}

// ErrPressLost: another machine has taken over, and does not have the press.
var ErrPressLost = fault.New(fault.NotFound, "not_found", "There is no such press.")

// ErrChangeLost: another machine has taken over, and does not have the change.
var ErrChangeLost = fault.New(fault.NotFound, "not_found", "There is no such change.")
