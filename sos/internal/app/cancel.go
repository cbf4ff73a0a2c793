package app

import (
	"context"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
)

// Cancel takes an alarm back. pin is the reporter's, "" where none was given.
func (a *App) Cancel(ctx context.Context, caller domain.Caller, id domain.TicketID, note, pin string) (domain.Ticket, error) {
	if err := checkNote(note); err != nil {
		return domain.Ticket{}, err
	}
	return a.ending(ctx, caller, id, domain.Cancel, pin, func(c *domain.Case, by domain.Actor, now time.Time) error {
		return c.Cancel(by, note, now)
	})
}
