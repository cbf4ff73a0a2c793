package app

import (
	"context"
	"errors"
	"fmt"

	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/auth/internal/ports"
)

// ChangePassword replaces the caller's password and ends their other sessions.
// It fails with 422 naming the wrong fields, and with
// domain.ErrInvalidCredentials where the current one is wrong, or was replaced
// while this was being checked.
func (a *App) ChangePassword(ctx context.Context, caller Caller, change domain.PasswordChange) error {
	account, err := a.account(ctx, caller)
	if err != nil {
		return err
	}
	current, chosen, err := change.Check(account.User)
	if err != nil {
		return err
	}
	known, err := a.knows(ctx, caller, current, account.PasswordHash)
	if err != nil {
		return err
	}
	if !known {
		a.needs.Count("password_change_refused")
		return domain.ErrInvalidCredentials
	}
	hash, err := a.needs.Passwords.Hash(ctx, chosen)
	if err != nil {
		return fmt.Errorf("hash the password: %w", err)
	}
	var ended []domain.Revocation
	err = a.needs.Store.Change(ctx, func(tx ports.Tx) error {
		now, err := tx.LockAccount(ctx, account.ID)
		if errors.Is(err, domain.ErrUserNotFound) || err == nil && (!now.Active || now.CredentialVersion != account.CredentialVersion) {
			return domain.ErrInvalidCredentials
		}
		if err != nil {
			return err
		}
		event := a.event(domain.AuditPasswordChanged, account.ID, caller.Session, caller.Origin, nil)
		ended, err = a.setPassword(ctx, tx, now, hash, event, domain.Ending{Except: caller.Session})
		return err
	})
	if err != nil {
		return fmt.Errorf("change the password: %w", err)
	}
	a.passwordSet(ctx, "password_changed", account.ID, ended)
	return nil
}

// ResetPassword takes the token of a letter and ends every session. It signs
// nobody in: whoever has a second factor is still asked for it. It fails with 422
// naming the wrong field and with domain.ErrLinkSpent.
func (a *App) ResetPassword(ctx context.Context, raw, typed string) error {
	token, err := a.presented(ctx, raw, domain.ResetPassword)
	if err != nil {
		return err
	}
	user, err := a.needs.Accounts.ByID(ctx, token.User)
	if errors.Is(err, domain.ErrUserNotFound) {
		return domain.ErrLinkSpent
	}
	if err != nil {
		return fmt.Errorf("find the user: %w", err)
	}
	chosen, refusal := user.ChosenFor(typed)
	if refusal != nil {
		return domain.WrongField("newPassword", refusal)
	}
	hash, err := a.needs.Passwords.Hash(ctx, chosen)
	if err != nil {
		return fmt.Errorf("hash the password: %w", err)
	}
	var ended []domain.Revocation
	err = a.needs.Store.Change(ctx, func(tx ports.Tx) error {
		account, err := a.redeem(ctx, tx, token)
		if err == nil && string(account.Email) != token.Address {
			err = domain.ErrLinkSpent
		}
		if err != nil {
			return err
		}
		event := a.event(domain.AuditPasswordReset, account.ID, "", domain.Origin{}, nil)
		ended, err = a.setPassword(ctx, tx, account.Verified(a.now()), hash, event, domain.Ending{})
		return err
	})
	if err != nil {
		return fmt.Errorf("reset the password: %w", err)
	}
	a.moot(ctx, user.Email)
	a.passwordSet(ctx, "password_reset", user.ID, ended)
	return nil
}

// setPassword replaces the password of a locked account, makes links that were
// sent before worthless, tells the owner and ends the sessions.
func (a *App) setPassword(ctx context.Context, tx ports.Tx, account domain.Account, hash string, event domain.AuditEvent, ending domain.Ending) ([]domain.Revocation, error) {
	now := a.now()
	if err := tx.SaveAccount(ctx, account.WithPassword(hash, now)); err != nil {
		return nil, err
	}
	if err := tx.DropTokens(ctx, account.ID, domain.ResetPassword, domain.ChangeEmail); err != nil {
		return nil, err
	}
	if err := a.notify(ctx, tx, domain.LetterPasswordChanged, account.Email, account.User); err != nil {
		return nil, err
	}
	if err := tx.Record(ctx, event); err != nil {
		return nil, err
	}
	ending.User, ending.Reason, ending.At = account.ID, domain.EndedByNewPassword, now
	return tx.EndSessions(ctx, ending)
}

func (a *App) passwordSet(ctx context.Context, count string, user domain.UserID, ended []domain.Revocation) {
	a.announce(ctx, ended)
	a.changed(ctx, user)
	a.needs.Count(count)
	a.wake()
}
