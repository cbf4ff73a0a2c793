package app

import (
	"context"
	"time"

	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/domain/hotline"
	"github.com/loveapp/backend/sos/internal/ports"
)

// CallRequest is what somebody wants to dial, or has dialled.
type CallRequest struct {
	Service string // "" = what the kind of emergency needs
	Dialled bool
	Once    ports.Repeatable
}

// Call says whom to dial, and has the provider of calls, where there is one, tell
// the operator's alarm centre; with Dialled it keeps that the reporter has spoken
// to the authorities.
func (a *App) Call(ctx context.Context, caller domain.Caller, id domain.TicketID, r CallRequest) (domain.Call, error) {
	wanted := hotline.Service(r.Service)
	if wanted != "" && !wanted.Known() {
		return domain.Call{}, fault.NewInvalid(fault.Field{Field: "service", Code: "unknown_value", Message: "must be emergency, police, ambulance or fire"})
	}
	call := a.callID(id, r.Once)
	if !r.Dialled {
		c, err := a.Reading.Ticket(ctx, id)
		if err != nil {
			return domain.Call{}, err
		}
		by, err := c.ActorFor(caller)
		if err != nil {
			return domain.Call{}, err
		}
		c.Ticket = c.Ticket.SeenBy(by)
		a.startCall(ctx, caller, id, call)
		return c.CallFrom(call, wanted), nil
	}
	ticket, err := a.act(ctx, caller, id, domain.Dial, keyless(), func(c *domain.Case, by domain.Actor, now time.Time) error {
		return c.Dialled(by, c.CallFrom(call, wanted), now)
	})
	if err != nil {
		return domain.Call{}, err
	}
	c := domain.Case{Ticket: ticket}
	return c.CallFrom(call, wanted), nil
}

// callID is the same for a request that is sent again under its key.
func (a *App) callID(ticket domain.TicketID, once ports.Repeatable) domain.CallID {
	if once.Key == "" {
		return domain.CallID(a.NewID())
	}
	return domain.CallID(a.NameID(string(ticket), string(once.Caller)+"\n"+once.Key)) // no key holds a line break
}
