package app

import (
	"context"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/shared/fault"
)

// Preferences gives what the user wants to be disturbed by.
func (a *App) Preferences(ctx context.Context, user domain.UserID) (domain.Preferences, error) {
	return a.preferences.Get(ctx, user)
}

// Prefer replaces all of the user's preferences and gives them as they are now.
func (a *App) Prefer(ctx context.Context, user domain.UserID, wanted domain.Wish) (domain.Preferences, error) {
	p, wrong := domain.NewPreferences(wanted)
	if len(wrong) > 0 {
		return domain.Preferences{}, fault.NewInvalid(wrong[:min(len(wrong), maxNamed)]...)
	}
	return p, a.preferences.Put(ctx, user, p)
}
