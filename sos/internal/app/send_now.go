package app

import (
	"context"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
)

// SendNow ends the countdown of the caller's own ticket.
func (a *App) SendNow(ctx context.Context, caller domain.Caller, id domain.TicketID) (domain.Ticket, error) {
	return a.act(ctx, caller, id, domain.SendNow, keyless(), func(c *domain.Case, by domain.Actor, now time.Time) error {
		return c.SendNow(by, now)
	})
}
