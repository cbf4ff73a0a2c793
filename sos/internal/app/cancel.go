package app

import (
	"context"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
)

// Cancel takes an alarm back.
func (a *App) Cancel(ctx context.Context, caller domain.Caller, id domain.TicketID, note string) (domain.Ticket, error) {
	if err := checkNote(note); err != nil {
		return domain.Ticket{}, err
	}
	return a.act(ctx, caller, id, domain.Cancel, keyless(), func(c *domain.Case, by domain.Actor, now time.Time) error {
		return c.Cancel(by, note, now)
	})
}
