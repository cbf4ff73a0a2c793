package app

import (
	"context"
	"errors"
	"fmt"

	"github.com/loveapp/backend/auth/internal/domain"
)

// Reauthenticate asks the signed-in caller for the password once more. It fails
// with domain.ErrInvalidCredentials where that is wrong, or was too often, and with
// domain.ErrSessionEnded where the account is gone or banned.
func (a *App) Reauthenticate(ctx context.Context, caller Caller, typed string) error {
	password, refusal := domain.TypedPassword(typed)
	if refusal != nil {
		return domain.WrongPassword(refusal)
	}
	account, err := a.account(ctx, caller)
	if err != nil {
		return err
	}
	known, err := a.knows(ctx, caller, password, account.PasswordHash)
	switch {
	case err != nil:
		return err
	case !known:
		a.needs.Count("reauthentication_refused")
		return domain.ErrInvalidCredentials
	}
	a.needs.Count("reauthenticated")
	return nil
}

// account is the caller's, with what proves who they are. An address that
// passes to another account between the two looks is nobody's.
func (a *App) account(ctx context.Context, caller Caller) (domain.Account, error) {
	user, err := a.Profile(ctx, caller)
	if err != nil {
		return domain.Account{}, err
	}
	account, err := a.needs.Accounts.ByEmail(ctx, user.Email)
	switch {
	case errors.Is(err, domain.ErrUserNotFound), err == nil && account.ID != user.ID:
		return domain.Account{}, domain.ErrSessionEnded
	case err != nil:
		return domain.Account{}, fmt.Errorf("look for the account: %w", err)
	}
	return account, nil
}
