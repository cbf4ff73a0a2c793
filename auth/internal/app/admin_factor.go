package app

import (
	"context"
	"fmt"

	"github.com/loveapp/backend/auth/internal/domain"
)

// wields is the role that a token of the user says: where administrators must
// have a second factor, one who has none is a user until they have set it up.
func (a *App) wields(ctx context.Context, user domain.User) (domain.Role, error) {
	if !a.needs.AdminsNeedMFA || !user.Role.Staff() {
		return user.Role, nil
	}
	has, err := a.needs.SecondFactors.HasSecondFactor(ctx, user.ID)
	if err != nil {
		return "", fmt.Errorf("look for a second factor: %w", err)
	}
	return user.Role.With(has), nil
}

// MayAdminister says whether a caller whose token has that role may administer.
// It fails with domain.ErrForbidden, or with domain.ErrFactorRequired where
// nothing but a second factor is missing.
func (a *App) MayAdminister(ctx context.Context, caller Caller, role domain.Role) error {
	switch {
	case !a.needs.AdminsNeedMFA && role.Staff():
		return nil
	case !a.needs.AdminsNeedMFA:
		return domain.ErrForbidden
	}
	user, err := a.Profile(ctx, caller)
	if err != nil {
		return err
	}
	wields, err := a.wields(ctx, user)
	switch {
	case err != nil:
		return err
	case !user.Role.Staff():
		return domain.ErrForbidden
	case !wields.Staff(), !role.Staff(): // the latter has set it up since the token was made
		return domain.ErrFactorRequired
	}
	return nil
}

// disarmed cuts the tokens off that still say the role of an administrator who
// has removed the second factor that it takes.
func (a *App) disarmed(ctx context.Context, user domain.UserID) error {
	if !a.needs.AdminsNeedMFA {
		return nil
	}
	found, err := a.needs.Accounts.ByID(ctx, user)
	if err != nil {
		return fmt.Errorf("find the user: %w", err)
	}
	if !found.Role.Staff() {
		return nil
	}
	return a.recast(ctx, user)
}
