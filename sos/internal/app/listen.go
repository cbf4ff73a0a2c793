package app

import (
	"context"

	"github.com/loveapp/backend/sos/internal/domain"
)

// MayListen tells whether the caller may follow a ticket live: whoever may see
// it, for as long as it is open. It decides by the primary: what the caller is
// to the ticket may have changed a moment ago.
func (a *App) MayListen(ctx context.Context, caller domain.Caller, id domain.TicketID) error {
	c, err := a.Reading.Ticket(ctx, id)
	if err != nil {
		return err
	}
	if _, err := c.ActorFor(caller); err != nil {
		return err
	}
	if c.Ticket.Status.Closed() {
		return domain.ErrTicketNotFound
	}
	return nil
}
