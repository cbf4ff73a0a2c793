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
	ticket, err := a.callTicket(ctx, caller, id, r, func(c *domain.Case, by domain.Actor, now time.Time) error {
		if !r.Dialled {
			return nil
		}
		return c.Dialled(by, c.CallFrom(call, wanted), now)
	})
	if err != nil {
		return domain.Call{}, err
	}
	if !r.Dialled {
		a.startCall(ctx, caller, id, call)
	}
	c := domain.Case{Ticket: ticket}
	return c.CallFrom(call, wanted), nil
}

// callTicket is the ticket that the call is about, once it is kept what the request
// leaves behind: that somebody has dialled, and its key.
func (a *App) callTicket(ctx context.Context, caller domain.Caller, id domain.TicketID, r CallRequest,
	dialled func(c *domain.Case, by domain.Actor, now time.Time) error,
) (domain.Ticket, error) {
	if !r.Dialled && r.Once.Key == "" {
		return a.Ticket(ctx, caller, id)
	}
	return a.act(ctx, caller, id, domain.Dial, r.Once, dialled)
}

// callID is the same for a request that is sent again under its key.
func (a *App) callID(ticket domain.TicketID, once ports.Repeatable) domain.CallID {
	if once.Key == "" {
		return domain.CallID(a.NewID())
	}
	return domain.CallID(a.NameID(string(ticket), string(once.Caller)+"\n"+once.Key)) // no key holds a line break
}
