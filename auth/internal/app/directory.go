package app

import (
	"context"
	"fmt"

	"github.com/loveapp/backend/auth/internal/domain"
)

// LookUp gives other services the users behind ids and verified addresses.
func (a *App) LookUp(ctx context.Context, lookup domain.Lookup) ([]domain.User, error) {
	users, err := a.needs.Directory.Matching(ctx, lookup)
	if err != nil {
		return nil, fmt.Errorf("look users up: %w", err)
	}
	return users, nil
}

// User gives other services one user, banned or not. It fails with domain.ErrUserNotFound.
func (a *App) User(ctx context.Context, id domain.UserID) (domain.User, error) {
	user, err := a.needs.Accounts.ByID(ctx, id)
	if err != nil {
		return domain.User{}, fmt.Errorf("find the user: %w", err)
	}
	return user, nil
}

// Staff gives other services up to limit of those who administer, by id.
func (a *App) Staff(ctx context.Context, limit int) ([]domain.User, error) {
	users, err := a.needs.Directory.Staff(ctx, limit)
	if err != nil {
		return nil, fmt.Errorf("list the staff: %w", err)
	}
	return users, nil
}
