package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/auth/internal/ports"
)

// challenge asks for the second factor of somebody whose first was right.
func (a *App) challenge(account domain.Account, deviceName string) SignedIn {
	a.needs.Count("mfa_asked")
	return SignedIn{MFAToken: a.needs.Keys.MFAToken(domain.MFAChallenge{
		User: account.ID, CredentialVersion: account.CredentialVersion, DeviceName: deviceName,
		ExpiresMs: a.now().Add(domain.MFALife).UnixMilli(),
	})}
}

// LoginMFA opens the session that waited for the second factor. A token that is
// none of ours or has expired fails with domain.ErrUnauthenticated; a wrong code,
// a used one, a locked factor and a banned account are one domain.ErrInvalidCredentials.
func (a *App) LoginMFA(ctx context.Context, s domain.SecondStep, from Client) (SignedIn, error) {
	if err := s.Check(); err != nil {
		return SignedIn{}, err
	}
	at := a.now()
	challenge, ok := a.needs.Keys.Challenge(s.Token, at)
	if !ok {
		return SignedIn{}, domain.ErrUnauthenticated
	}
	user, err := a.needs.Accounts.ByID(ctx, challenge.User)
	if errors.Is(err, domain.ErrUserNotFound) {
		return SignedIn{}, domain.ErrInvalidCredentials
	}
	if err != nil {
		return SignedIn{}, fmt.Errorf("find the user: %w", err)
	}
	account := domain.Account{User: user, CredentialVersion: challenge.CredentialVersion}
	return a.secondStep(ctx, s, account, challenge.DeviceName, from, at)
}

// secondStep takes the code and opens the session in one transaction: of two
// that show the same code at once, one gets in.
func (a *App) secondStep(ctx context.Context, s domain.SecondStep, account domain.Account, device string, from Client, at time.Time) (SignedIn, error) {
	session := a.open(account.ID, device, from, a.now())
	var right bool
	err := a.needs.Store.Change(ctx, func(tx ports.Tx) error {
		locked := false
		err := tx.EditSecondFactor(ctx, account.ID, func(f *domain.SecondFactor) (err error) {
			lockouts := f.Lockouts
			right, err = a.takes(f, account.ID, s)
			locked = f.Lockouts > lockouts
			return err
		})
		switch {
		case err != nil:
			return err
		case locked:
			return tx.Record(ctx, a.event(domain.AuditMFALocked, account.ID, "", from.Origin, nil))
		case !right:
			return nil // it has been counted
		}
		if err := a.stay(ctx, tx, &account, from); err != nil {
			return err
		}
		if err := tx.OpenSession(ctx, session, account.CredentialVersion); err != nil {
			return err
		}
		if s.RecoveryCode != "" {
			if err := a.notify(ctx, tx, domain.LetterRecoveryUsed, account.Email, account.User); err != nil {
				return err
			}
		}
		return tx.Record(ctx, a.event(domain.AuditSignedIn, account.ID, session.ID, from.Origin, map[string]any{"mfa": s.Method()}))
	})
	if err != nil {
		return SignedIn{}, fmt.Errorf("open a session: %w", err)
	}
	if !right || !account.Active {
		a.needs.Count("mfa_refused")
		return SignedIn{}, domain.ErrInvalidCredentials
	}
	a.needs.Count("signed_in")
	a.wake()
	return a.signedIn(account.User, session, session.Generation, at), nil
}

func (a *App) takes(f *domain.SecondFactor, user domain.UserID, s domain.SecondStep) (bool, error) {
	if !f.Confirmed() {
		return false, nil
	}
	if s.RecoveryCode != "" {
		return f.TakeRecovery(domain.HashRecovery(user, s.RecoveryCode), a.now()), nil
	}
	secret, err := a.needs.Keys.Open(f.Secret, user)
	if err != nil {
		return false, fmt.Errorf("open the secret: %w", err)
	}
	return f.TakeCode(secret, s.Code, a.now()), nil
}
