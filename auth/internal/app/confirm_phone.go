package app

import (
	"context"
	"errors"
	"fmt"

	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/auth/internal/ports"
)

// ConfirmPhone takes the code of a text message: the number it went to is the
// caller's from now on, and nobody else's. It fails with domain.ErrWrongPhoneCode
// alike for wrong, never sent, expired and tried too often.
func (a *App) ConfirmPhone(ctx context.Context, caller Caller, c domain.PhoneCode) error {
	checked, err := c.Check()
	if err != nil {
		return err
	}
	var right bool
	err = a.needs.Store.Change(ctx, func(tx ports.Tx) (err error) {
		account, err := tx.LockAccount(ctx, caller.User)
		if errors.Is(err, domain.ErrUserNotFound) || err == nil && !account.Active {
			return domain.ErrSessionEnded
		}
		if err != nil {
			return err
		}
		right, err = a.tryCode(ctx, tx, account, checked, caller)
		return err
	})
	switch {
	case err != nil:
		return fmt.Errorf("confirm a number: %w", err)
	case !right:
		a.needs.Count("phone_code_refused")
		return domain.ErrWrongPhoneCode
	}
	a.changed(ctx, caller.User)
	return nil
}

// tryCode changes the account, or counts the try: that must be kept, so a wrong
// code is no error of the transaction.
func (a *App) tryCode(ctx context.Context, tx ports.Tx, account domain.Account, c domain.PhoneCode, caller Caller) (bool, error) {
	now := a.now()
	token, err := tx.NewestToken(ctx, account.ID, domain.VerifyPhone)
	switch {
	case errors.Is(err, domain.ErrLinkSpent), err == nil && !token.Live(now):
		return false, nil
	case err != nil:
		return false, err
	case token.Address != c.Phone, !a.needs.Keys.CodeMatches(c.Code, token):
		return false, tx.CountTry(ctx, token.ID)
	}
	if err := tx.DropTokens(ctx, account.ID, domain.VerifyPhone); err != nil {
		return false, err
	}
	if err := tx.ClaimPhone(ctx, account.ID, c.Phone); err != nil {
		return false, err
	}
	if err := tx.SaveAccount(ctx, account.WithPhone(c.Phone, now)); err != nil {
		return false, err
	}
	return true, tx.Record(ctx, a.event(domain.AuditPhoneVerified, account.ID, caller.Session, caller.Origin, nil))
}
