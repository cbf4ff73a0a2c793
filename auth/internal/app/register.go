package app

import (
	"context"
	"errors"
	"fmt"

	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/auth/internal/ports"
)

// Register opens an account and signs it in. It fails with 422 naming the wrong
// fields, or with domain.ErrEmailTaken.
func (a *App) Register(ctx context.Context, r domain.Registration, from Client) (SignedIn, error) {
	applicant, err := r.Check()
	if err != nil {
		return SignedIn{}, err
	}
	hash, err := a.hashForNew(ctx, applicant)
	if err != nil {
		return SignedIn{}, err
	}
	now := a.now()
	account := applicant.Join(domain.UserID(a.needs.NewID()), domain.RoleUser, hash, now)
	session := a.open(account.ID, applicant.DeviceName, from, now)
	err = a.needs.Store.Change(ctx, func(tx ports.Tx) error {
		if err := tx.AddUser(ctx, account); err != nil {
			return err
		}
		if err := tx.OpenSession(ctx, session, account.CredentialVersion); err != nil {
			return err
		}
		if err := a.sendToken(ctx, tx, verification(account), account.User, domain.LetterVerify); err != nil {
			return err
		}
		return tx.Record(ctx, a.event(domain.AuditRegistered, account.ID, session.ID, from.Origin, nil))
	})
	if err != nil {
		return SignedIn{}, fmt.Errorf("register: %w", err)
	}
	a.needs.Count("registered")
	a.wake()
	return a.signedIn(account.User, session, session.Generation, now), nil
}

// hashForNew looks for the address first: hashing for an account that cannot be is wasted.
func (a *App) hashForNew(ctx context.Context, applicant domain.Applicant) (string, error) {
	switch _, err := a.needs.Accounts.ByEmail(ctx, applicant.Email()); {
	case err == nil:
		return "", domain.ErrEmailTaken
	case !errors.Is(err, domain.ErrUserNotFound):
		return "", fmt.Errorf("look for the address: %w", err)
	}
	hash, err := a.needs.Passwords.Hash(ctx, applicant.Password)
	if err != nil {
		return "", fmt.Errorf("hash the password: %w", err)
	}
	return hash, nil
}
