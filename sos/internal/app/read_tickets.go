package app

import (
	"context"

	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

// Ticket shows a ticket to those who may see it; ErrTicketNotFound to others.
func (a *App) Ticket(ctx context.Context, caller domain.Caller, id domain.TicketID) (domain.Ticket, error) {
	c, err := a.Reading.Ticket(ctx, id)
	if err != nil {
		return domain.Ticket{}, err
	}
	by, err := c.ActorFor(caller)
	if err != nil {
		return domain.Ticket{}, err
	}
	return c.Ticket.SeenBy(by), nil
}

// List shows the caller's own tickets, or those that they were called to.
func (a *App) List(ctx context.Context, q ports.TicketQuery) ([]domain.Ticket, error) {
	tickets, err := a.Reading.List(ctx, q)
	by := domain.Actor{Roles: domain.Reporter}
	if q.AsHelper {
		by.Roles = domain.Helper
	}
	for i, t := range tickets {
		tickets[i] = t.SeenBy(by)
	}
	return tickets, err
}

// Timeline shows what has happened to a ticket, from the event after the numbered one on.
func (a *App) Timeline(ctx context.Context, caller domain.Caller, id domain.TicketID, after, limit int) ([]domain.Event, error) {
	if _, err := a.Ticket(ctx, caller, id); err != nil {
		return nil, err
	}
	return a.Reading.Timeline(ctx, id, after, limit)
}
