package app

import (
	"context"
	"errors"
	"log/slog"

	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

// recentTickets hold whatever is open of one person: a call for help and a drill.
const recentTickets = 10

// dismiss shuts a former contact out of the owner's open tickets: their own links
// open nothing, and they leave the rooms. What they ask for from now on they do
// not get anyway; where a room cannot be reached, its members are held against
// us within half a minute.
func (a *App) dismiss(ctx context.Context, former domain.Contact, user domain.UserID) {
	tickets, err := a.Reading.List(ctx, ports.TicketQuery{User: former.Owner, Limit: recentTickets})
	for _, t := range tickets {
		if t.Status.Closed() {
			continue
		}
		err = errors.Join(err, a.unlink(ctx, t.ID, former.ID))
		if user != "" && !user.Outside() {
			err = errors.Join(err, a.Live.putOut(ctx, t.ID, user))
		}
	}
	if err != nil {
		a.Logger.LogAttrs(ctx, slog.LevelWarn, "a former contact may follow for a moment", slog.String("contact_id", string(former.ID)), slog.Any("error", err))
	}
}

// unlink ends the links to the ticket that were made for the contact.
func (a *App) unlink(ctx context.Context, ticket domain.TicketID, contact domain.ContactID) error {
	links, err := a.Shares.Shares(ctx, ticket)
	for _, link := range links {
		if link.Share.Contact == contact && link.Share.RevokedAt == nil {
			err = errors.Join(err, a.Shares.Revoke(ctx, link.Share.ID, func(domain.Case) error { return nil }))
		}
	}
	return err
}
