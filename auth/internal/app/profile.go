package app

import (
	"context"
	"errors"
	"fmt"

	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/auth/internal/ports"
)

// Profile gives the caller's account. It fails with domain.ErrSessionEnded where
// that is gone or banned: the token has outlived it.
func (a *App) Profile(ctx context.Context, caller Caller) (domain.User, error) {
	user, err := a.needs.Accounts.ByID(ctx, caller.User)
	switch {
	case errors.Is(err, domain.ErrUserNotFound), err == nil && !user.Active:
		return domain.User{}, domain.ErrSessionEnded
	case err != nil:
		return domain.User{}, fmt.Errorf("read the profile: %w", err)
	}
	return user, nil
}

// EditProfile applies the edit. It fails with 422 naming the wrong fields.
func (a *App) EditProfile(ctx context.Context, caller Caller, edit domain.ProfileEdit) (domain.User, error) {
	var user domain.User
	err := a.needs.Store.Change(ctx, func(tx ports.Tx) error {
		var changed []string
		var err error
		user, err = tx.EditUser(ctx, caller.User, func(u *domain.User) error {
			if !u.Active {
				return domain.ErrSessionEnded
			}
			changed, err = edit.Apply(u, a.now())
			return err
		})
		if err != nil || len(changed) == 0 {
			return err
		}
		return tx.Record(ctx, a.event(domain.AuditProfileChanged, caller.User, caller.Session, caller.Origin, map[string]any{"fields": changed}))
	})
	if errors.Is(err, domain.ErrUserNotFound) {
		return domain.User{}, domain.ErrSessionEnded
	}
	if err != nil {
		return domain.User{}, fmt.Errorf("edit the profile: %w", err)
	}
	a.changed(ctx, caller.User)
	return user, nil
}
