package app

import (
	"context"
	"time"

	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/sos/internal/domain"
)

// Assign puts somebody in charge of a ticket: the caller, another dispatcher,
// or one of its contacts; nobody else could even see it.
func (a *App) Assign(ctx context.Context, caller domain.Caller, id domain.TicketID, to domain.UserID) (domain.Ticket, error) {
	staff := to == caller.User
	if !staff {
		var err error
		if staff, err = a.Duty.knows(ctx, to); err != nil {
			return domain.Ticket{}, err
		}
	}
	return a.act(ctx, caller, id, domain.Assign, keyless(), func(c *domain.Case, by domain.Actor, now time.Time) error {
		who := domain.Actor{User: to, Roles: domain.Dispatcher}
		if helper, ok := c.Helper(to); ok {
			who.Name, who.Roles = helper.Name, domain.Helper
		} else if !staff {
			return fault.NewInvalid(fault.Field{Field: "userId", Code: "unknown_value", Message: "must be a dispatcher or a contact of this ticket"})
		}
		return c.Assign(by, who, now)
	})
}
