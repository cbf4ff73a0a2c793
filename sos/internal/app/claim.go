package app

import (
	"context"
	"log/slog"
	"time"

	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/sos/internal/domain"
)

// Claim makes the tickets of the guest's secret the user's and tells how many
// there were. It fails with ErrOpenTicketExists, and claims nothing, while the
// user and the guest both have an open one: the user ends one of them first.
// The secret opens none of them afterwards.
func (a *App) Claim(ctx context.Context, user domain.UserID, secret string) (int, error) {
	guest, ok := domain.GuestID(secret)
	if !ok {
		return 0, fault.NewInvalid(fault.Field{Field: "guestSecret", Code: "invalid_format", Message: "must be the secret that the calls for help were made with"})
	}
	name := a.Names.Ensure(ctx, user)
	claimed, err := a.Guests.ClaimTickets(ctx, guest, user, func(c *domain.Case, now time.Time) error {
		c.Claim(domain.Person{ID: user, Name: name}, now)
		return nil
	})
	if err != nil {
		return 0, err
	}
	a.Logger.LogAttrs(ctx, slog.LevelInfo, "guest claimed", slog.String("user_id", string(user)), slog.Int("tickets", claimed))
	return claimed, nil
}
