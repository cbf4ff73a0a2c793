package app

import (
	"context"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
)

// Acknowledge tells the reporter and the other contacts that somebody has seen the alarm.
func (a *App) Acknowledge(ctx context.Context, caller domain.Caller, id domain.TicketID, note string) (domain.Ticket, error) {
	if err := checkNote(note); err != nil {
		return domain.Ticket{}, err
	}
	return a.act(ctx, caller, id, domain.Acknowledge, keyless(), func(c *domain.Case, by domain.Actor, now time.Time) error {
		return c.Acknowledge(by, note, now)
	})
}
