package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/auth/internal/ports"
)

// Login opens a session for whoever knows the password. Unknown, wrong, locked
// and banned fail with the same domain.ErrInvalidCredentials after the same work.
func (a *App) Login(ctx context.Context, s domain.SignIn, from Client) (SignedIn, error) {
	credentials, err := s.Check()
	if err != nil {
		return SignedIn{}, err
	}
	ctx, leave, err := a.needs.Passwords.Reserve(ctx) // before a flood costs the database and Redis anything
	if err != nil {
		return SignedIn{}, fmt.Errorf("check the password: %w", err)
	}
	defer leave()
	at := a.now()
	account, err := a.needs.Accounts.ByEmail(ctx, credentials.Email)
	if err != nil && !errors.Is(err, domain.ErrUserNotFound) {
		return SignedIn{}, fmt.Errorf("look for the account: %w", err)
	}
	attempt := a.attempt(ctx, credentials.Email, account.ID, from)
	matches, stale, err := a.needs.Passwords.Check(ctx, credentials.Password, account.PasswordHash) // "" for the unknown
	leave()
	if err != nil {
		attempt.settle(ctx, true) // it was none
		return SignedIn{}, fmt.Errorf("check the password: %w", err)
	}
	attempt.settle(ctx, matches)
	if !matches || !account.Active || !attempt.allowed {
		a.needs.Count("sign_in_refused")
		return SignedIn{}, domain.ErrInvalidCredentials
	}
	if account.MFA {
		return a.challenge(account, credentials.DeviceName), nil
	}
	signedIn, err := a.admit(ctx, account, credentials.DeviceName, from, at)
	if err == nil && stale {
		a.rehash(ctx, account, credentials.Password)
	}
	return signedIn, err
}

// admit opens the session of an account read at a moment, unless the credentials changed while they were being checked.
func (a *App) admit(ctx context.Context, account domain.Account, deviceName string, from Client, at time.Time) (SignedIn, error) {
	session := a.open(account.ID, deviceName, from, a.now())
	err := a.needs.Store.Change(ctx, func(tx ports.Tx) error {
		if err := a.stay(ctx, tx, &account, from); err != nil {
			return err
		}
		if err := tx.OpenSession(ctx, session, account.CredentialVersion); err != nil {
			return err
		}
		return tx.Record(ctx, a.event(domain.AuditSignedIn, account.ID, session.ID, from.Origin, nil))
	})
	if err != nil {
		return SignedIn{}, fmt.Errorf("open a session: %w", err)
	}
	a.needs.Count("signed_in")
	signedIn := a.signedIn(account.User, session, session.Generation, at)
	if a.needs.AdminsNeedMFA {
		signedIn.Role = account.Role.With(account.MFA)
	}
	return signedIn, nil
}

// rehash moves a password that has just proved right to today's parameters. The
// sign-in does not depend on it: the next one tries again.
func (a *App) rehash(ctx context.Context, account domain.Account, password domain.Password) {
	hash, err := a.needs.Passwords.Hash(ctx, password)
	if err == nil {
		err = a.needs.Store.Change(ctx, func(tx ports.Tx) error {
			return tx.Rehash(ctx, account.ID, account.CredentialVersion, hash)
		})
	}
	if err != nil {
		a.needs.Logger.LogAttrs(ctx, slog.LevelWarn, "password not rehashed", slog.String("user_id", string(account.ID)), slog.Any("error", err))
	}
}
