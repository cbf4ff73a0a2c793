package app

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/auth/internal/ports"
)

// TOTPOffer is what an authenticator app is set up with.
type TOTPOffer struct{ Secret, URI string }

// OfferTOTP gives the caller a secret that waits to be confirmed; one that
// waited before is replaced. It fails with domain.ErrMFAEnabled.
func (a *App) OfferTOTP(ctx context.Context, caller Caller) (TOTPOffer, error) {
	user, err := a.Profile(ctx, caller)
	if err != nil {
		return TOTPOffer{}, err
	}
	secret := chance(domain.TOTPSecretBytes)
	sealed, by, err := a.needs.Keys.Seal(secret, chance(domain.SealNonceBytes), user.ID)
	if err != nil {
		return TOTPOffer{}, fmt.Errorf("seal the secret: %w", err)
	}
	err = a.needs.Store.Change(ctx, func(tx ports.Tx) error {
		return tx.EditSecondFactor(ctx, user.ID, func(f *domain.SecondFactor) error { return f.Begin(sealed, by) })
	})
	if err != nil {
		return TOTPOffer{}, fmt.Errorf("keep the secret: %w", err)
	}
	return TOTPOffer{domain.TOTPSecret(secret), domain.TOTPURI(secret, user.Email)}, nil
}

// ConfirmTOTP makes signing in take a code from now on, and gives the recovery
// codes, which cannot be seen again. It fails with domain.ErrMFANotPending,
// domain.ErrMFAEnabled, or 422 naming the code.
func (a *App) ConfirmTOTP(ctx context.Context, caller Caller, code string) ([]string, error) {
	if err := domain.CheckCode(code); err != nil {
		return nil, err
	}
	codes, hashes := recoveryCodes(caller.User)
	var right bool
	err := a.needs.Store.Change(ctx, func(tx ports.Tx) error {
		err := tx.EditSecondFactor(ctx, caller.User, func(f *domain.SecondFactor) (err error) {
			if !f.Exists() {
				return domain.ErrMFANotPending
			}
			secret, err := a.needs.Keys.Open(f.Secret, caller.User)
			if err != nil {
				return fmt.Errorf("open the secret: %w", err)
			}
			right, err = f.Confirm(secret, code, hashes, a.now())
			return err
		})
		if err != nil || !right {
			return err // a wrong one is counted
		}
		if err := tx.RenewCredentials(ctx, caller.User); err != nil {
			return err
		}
		if err := a.tellOwner(ctx, tx, domain.LetterMFAEnabled, caller.User); err != nil {
			return err
		}
		return tx.Record(ctx, a.event(domain.AuditMFAEnabled, caller.User, caller.Session, caller.Origin, nil))
	})
	switch {
	case err != nil:
		return nil, fmt.Errorf("confirm the second factor: %w", err)
	case !right:
		return nil, domain.ErrWrongCode()
	}
	a.changed(ctx, caller.User)
	a.needs.Count("mfa_enabled")
	a.wake()
	return codes, nil
}

// tellOwner queues news of the second factor. A user who is gone needs none.
func (a *App) tellOwner(ctx context.Context, tx ports.Tx, about domain.Template, id domain.UserID) error {
	owner, err := tx.LockAccount(ctx, id)
	if errors.Is(err, domain.ErrUserNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return a.notify(ctx, tx, about, owner.Email, owner.User)
}

// RemoveTOTP makes the password enough again. It fails with domain.ErrMFAUnknown.
func (a *App) RemoveTOTP(ctx context.Context, caller Caller) error {
	var confirmed bool
	err := a.needs.Store.Change(ctx, func(tx ports.Tx) error {
		confirmed = false
		err := tx.EditSecondFactor(ctx, caller.User, func(f *domain.SecondFactor) error {
			if !f.Exists() {
				return domain.ErrMFAUnknown
			}
			confirmed = f.Confirmed()
			*f = domain.SecondFactor{}
			return nil
		})
		if err != nil || !confirmed {
			return err
		}
		if err := tx.RenewCredentials(ctx, caller.User); err != nil {
			return err
		}
		if err := a.tellOwner(ctx, tx, domain.LetterMFADisabled, caller.User); err != nil {
			return err
		}
		return tx.Record(ctx, a.event(domain.AuditMFADisabled, caller.User, caller.Session, caller.Origin, nil))
	})
	if err != nil {
		return fmt.Errorf("remove the second factor: %w", err)
	}
	a.changed(ctx, caller.User)
	a.wake()
	if confirmed {
		return a.disarmed(ctx, caller.User)
	}
	return nil
}

func chance(bytes int) []byte {
	some := make([]byte, bytes)
	_, _ = rand.Read(some) // never fails (Go 1.24)
	return some
}

func recoveryCodes(user domain.UserID) (codes []string, hashes [][]byte) {
	for range domain.RecoveryCodes {
		code := domain.RecoveryCode(chance(domain.RecoveryBytes))
		codes, hashes = append(codes, code), append(hashes, domain.HashRecovery(user, code))
	}
	return codes, hashes
}
