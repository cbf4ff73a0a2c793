package domain

import (
	"errors"
	"slices"
	"time"

	"github.com/loveapp/backend/shared/fault"
)

// CallState is how far a call by the provider has come. It never goes back.
type CallState string

// The states of a call, in their order; ended and failed are both the last.
const (
	CallQueued   CallState = "queued"   // stored, and the provider has not taken it yet
	CallPlaced   CallState = "placed"   // the provider has it
	CallRinging  CallState = "ringing"  // at the other end
	CallAnswered CallState = "answered" // somebody has picked up
	CallEnded    CallState = "ended"    // after an answer
	CallFailed   CallState = "failed"   // nobody has picked up, or will
)

var callOrder = []CallState{CallQueued, CallPlaced, CallRinging, CallAnswered, CallEnded, CallFailed}

func (s CallState) before(other CallState) bool {
	return slices.Index(callOrder, s) < slices.Index(callOrder, other)
}

// Over tells whether nothing can follow.
func (s CallState) Over() bool { return s == CallEnded || s == CallFailed }

// CallRefusal says why a call failed, in one of our own words.
type CallRefusal string

// Why calls fail.
const (
	CallRefused  CallRefusal = "refused"   // by the provider, for good
	CallGivenUp  CallRefusal = "given_up"  // the provider was not reached in time
	CallOverdue  CallRefusal = "not_open"  // the emergency was over before
	CallUnheard  CallRefusal = "no_answer" // the other end did not pick up
	CallNoReason CallRefusal = ""
)

const (
	// maxCalls of one ticket: a provider's calls cost money, and the phone can always dial.
	maxCalls = 5
	// CallWindow is how long a call may wait for its provider; by then the phone has dialled.
	CallWindow = time.Minute
)

// PlacedCall is a call that the provider makes, because a person has asked for it.
type PlacedCall struct {
	ID        CallID
	Ticket    TicketID
	By        UserID // who asked
	State     CallState
	Provider  string // what the provider calls it; "" = it has not taken it
	Reason    CallRefusal
	CreatedAt time.Time
}

// ErrCallNotFound: the provider has made no such call for us.
var ErrCallNotFound = fault.New(fault.NotFound, "not_found", "There is no such call.")

// StartCall has the provider call the operator's alarm centre about the ticket;
// nil where that is not to be: it is asked for already, nobody is in need, or so
// many were made that another one helps nobody. known are the ticket's calls so far.
func (c *Case) StartCall(id CallID, by Actor, known []PlacedCall, now time.Time) *PlacedCall {
	open := c.Ticket.Status == Pending || c.Ticket.Status == InProgress || c.Ticket.Status == EmergencyCalled
	if !open || c.Ticket.Drill || c.Ticket.LowTrust || len(known) >= maxCalls {
		return nil
	}
	for _, other := range known {
		if other.ID == id || !other.State.Over() {
			return nil
		}
	}
	c.record(EventCalling, by, now, map[string]any{"callId": string(id)})
	return &PlacedCall{ID: id, Ticket: c.Ticket.ID, By: by.User, State: CallQueued, CreatedAt: now}
}

// CallEvent is what the provider says of a call.
type CallEvent struct {
	Call     CallID
	Provider string
	State    CallState // "" = nothing that matters here
}

// CallHeard takes over what the provider says. It may say it twice, late, or in
// the wrong order. That somebody has picked up is what counts: they know now.
func (c *Case) CallHeard(call *PlacedCall, e CallEvent, now time.Time) error {
	if call.Provider != "" && call.Provider != e.Provider {
		return ErrCallNotFound
	}
	before := call.State
	if e.State == "" || !before.before(e.State) || before.Over() {
		return nil
	}
	if e.State == CallFailed && before == CallAnswered { // whatever ends it then, it was heard
		e.State = CallEnded
	}
	call.Provider, call.State = e.Provider, e.State
	switch {
	case e.State == CallFailed:
		call.Reason = CallUnheard
		c.record(EventCallFailed, timer, now, map[string]any{"callId": string(call.ID), "reason": string(call.Reason)})
	case before.before(CallAnswered) && !e.State.before(CallAnswered):
		return c.callAnswered(call.ID, now)
	}
	return nil
}

func (c *Case) callAnswered(id CallID, now time.Time) error {
	data := map[string]any{"callId": string(id), "cause": "answered"}
	moved, err := c.step(Dial, timer)
	switch {
	case moved:
		c.tell(EventDialled, timer, now, data)
	case err != nil && !errors.Is(err, ErrInvalidTransition):
		return err
	}
	return nil // over already, or they knew already
}

// CallGone notes that the provider will not make the call.
func (c *Case) CallGone(call *PlacedCall, why CallRefusal, now time.Time) {
	if call.State != CallQueued {
		return
	}
	call.State, call.Reason = CallFailed, why
	c.record(EventCallFailed, timer, now, map[string]any{"callId": string(call.ID), "reason": string(why)})
}

// CallOrder is what the provider is to do.
type CallOrder struct {
	ID CallID
	// Words are spoken to whoever picks up, in English.
	Words string
	// Join is the verified number that is connected then; "" = nobody's.
	Join string
}

// OrderFor is the provider's part. joining is the verified number of whoever asked.
// The phone of somebody who called silently must not ring.
func (c *Case) OrderFor(call PlacedCall, joining string) CallOrder {
	if c.Ticket.Silent && call.By == c.Ticket.Reporter.ID {
		joining = ""
	}
	return CallOrder{call.ID, c.callWords(), joining}
}
