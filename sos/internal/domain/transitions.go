package domain

import "slices"

// Command is something that can be done to a ticket.
type Command string

// The commands.
const (
	SendNow     Command = "send-now"
	PressAgain  Command = "press-again"
	Acknowledge Command = "acknowledge"
	Raise       Command = "raise"
	Comment     Command = "comment"
	Assign      Command = "assign"
	Accept      Command = "accept"
	Release     Command = "release"
	Track       Command = "track"
	Dial        Command = "dial" // somebody has spoken to the authorities
	Resolve     Command = "resolve"
	Cancel      Command = "cancel"
	Reopen      Command = "reopen"
)

// given tells whether clients give the command by its name; the others follow
// from a trigger, from staff's assignments, from responders and from calls.
func (c Command) given() bool {
	switch c {
	case SendNow, Acknowledge, Raise, Comment, Resolve, Cancel, Reopen:
		return true
	}
	return false
}

// transition is one line of the table: in each of the statuses from, by may
// give the command, which leads to the status to; unchanged leaves it.
type transition struct {
	command Command
	from    []Status
	by      Roles
	to      Status
}

const unchanged Status = ""

var open = []Status{Pending, InProgress, EmergencyCalled}

// transitions is the whole life of a ticket after the trigger. What is absent is not allowed.
var transitions = []transition{
	{SendNow, []Status{Countdown}, Reporter | Clock, Pending},
	{PressAgain, []Status{Countdown}, Reporter, Pending},
	{PressAgain, open, Reporter, unchanged},
	{Acknowledge, open, Helper | Dispatcher, unchanged},
	{Raise, open, Dispatcher, unchanged},
	{Comment, Statuses(), anybody, unchanged},
	{Track, []Status{Countdown, Pending, InProgress, EmergencyCalled}, Reporter, unchanged},
	{Assign, []Status{Pending, InProgress}, Dispatcher, InProgress},
	{Assign, []Status{EmergencyCalled}, Dispatcher, unchanged},
	{Accept, []Status{Pending, InProgress}, Helper, InProgress},
	{Accept, []Status{EmergencyCalled}, Helper, unchanged},
	{Release, []Status{InProgress}, Helper | Dispatcher | Clock, Pending},
	{Dial, []Status{Pending, InProgress}, Reporter | Clock, EmergencyCalled},
	{Resolve, open, Reporter | Dispatcher, Resolved},
	{Cancel, []Status{Countdown}, Reporter, Cancelled},
	// Not once the authorities know: they must be told how it ended (Resolve as false alarm).
	{Cancel, []Status{Pending, InProgress}, Reporter | Dispatcher, Cancelled},
	{Reopen, []Status{Resolved, Cancelled}, Reporter | Dispatcher, Pending},
}

// Next is the status that the command leads to; ErrForbidden when the actor
// may never give it, ErrInvalidTransition when not in this state.
func (t Ticket) Next(command Command, by Actor) (Status, error) {
	err := ErrForbidden
	for _, line := range transitions {
		if line.command != command || line.by&by.Roles == 0 {
			continue
		}
		if slices.Contains(line.from, t.Status) {
			return line.after(t.Status), nil
		}
		err = ErrInvalidTransition
	}
	return t.Status, err
}

func (line transition) after(before Status) Status {
	if line.to == unchanged {
		return before
	}
	return line.to
}

// repeated: the ticket stands where the command leads, and got there by it. A
// phone that lost the answer asks again and must not be told that it was wrong.
func (t Ticket) repeated(command Command) bool {
	if t.ReachedBy != command {
		return false
	}
	for _, line := range transitions {
		if line.command == command && line.to == t.Status {
			return true
		}
	}
	return false
}

// Allowed are the commands that a client could give now in the actor's name, in the order of the table.
func (t Ticket) Allowed(by Actor) []Command {
	allowed := []Command{}
	for _, line := range transitions {
		if line.command.given() && line.by&by.Roles != 0 && slices.Contains(line.from, t.Status) {
			allowed = append(allowed, line.command)
		}
	}
	return allowed
}
