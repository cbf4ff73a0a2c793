package app

import (
	"context"
	"time"

	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/sos/internal/domain"
)

// Raise makes a ticket louder: to priority, or one step where that is left out.
func (a *App) Raise(ctx context.Context, caller domain.Caller, id domain.TicketID, priority domain.Priority, note string) (domain.Ticket, error) {
	if priority != "" && !priority.Known() {
		return domain.Ticket{}, fault.NewInvalid(fault.Field{Field: "priority", Code: "unknown_value", Message: "must be low, medium, high or critical"})
	}
	if err := checkNote(note); err != nil {
		return domain.Ticket{}, err
	}
	return a.act(ctx, caller, id, domain.Raise, keyless(), func(c *domain.Case, by domain.Actor, now time.Time) error {
		return c.Raise(by, priority, note, now)
	})
}
