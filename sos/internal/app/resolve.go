package app

import (
	"context"
	"time"

	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/sos/internal/domain"
)

// Resolve ends the emergency. An outcome that is left out is "other"; pin is
// the reporter's, "" where none was given.
func (a *App) Resolve(ctx context.Context, caller domain.Caller, id domain.TicketID, outcome domain.Outcome, note, pin string) (domain.Ticket, error) {
	if outcome == "" {
		outcome = domain.OtherOutcome
	}
	if !outcome.Known() {
		return domain.Ticket{}, fault.NewInvalid(fault.Field{Field: "outcome", Code: "unknown_value", Message: "must be safe, helped, false_alarm or other"})
	}
	if err := checkNote(note); err != nil {
		return domain.Ticket{}, err
	}
	return a.ending(ctx, caller, id, domain.Resolve, pin, func(c *domain.Case, by domain.Actor, now time.Time) error {
		return c.Resolve(by, outcome, note, now)
	})
}
