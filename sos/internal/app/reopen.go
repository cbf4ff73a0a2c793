package app

import (
	"context"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
)

// Reopen takes an ended emergency up again.
func (a *App) Reopen(ctx context.Context, caller domain.Caller, id domain.TicketID, note string) (domain.Ticket, error) {
	if err := checkNote(note); err != nil {
		return domain.Ticket{}, err
	}
	return a.act(ctx, caller, id, domain.Reopen, keyless(), func(c *domain.Case, by domain.Actor, now time.Time) error {
		return c.Reopen(by, note, now)
	})
}
