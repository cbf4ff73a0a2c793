package app

import (
	"context"
	"errors"
	"fmt"

	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/auth/internal/ports"
)

// VerifyEmail takes the token of a letter: the address it went to is its
// reader's. It fails with 422 for a token that is none of these, with
// domain.ErrLinkSpent, and with domain.ErrEmailTaken where somebody else has
// registered the new address meanwhile.
func (a *App) VerifyEmail(ctx context.Context, raw string) error {
	token, err := a.presented(ctx, raw, domain.VerifyEmail, domain.ChangeEmail)
	if err != nil {
		return err
	}
	var ended []domain.Revocation
	err = a.needs.Store.Change(ctx, func(tx ports.Tx) (err error) {
		ended, err = a.proveEmail(ctx, tx, token)
		return err
	})
	if err != nil {
		return fmt.Errorf("verify an address: %w", err)
	}
	a.announce(ctx, ended)
	a.changed(ctx, token.User)
	a.wake()
	return nil
}

func (a *App) proveEmail(ctx context.Context, tx ports.Tx, token domain.OneTimeToken) ([]domain.Revocation, error) {
	account, err := a.redeem(ctx, tx, token)
	if err != nil {
		return nil, err
	}
	if token.Purpose == domain.ChangeEmail {
		return a.moveEmail(ctx, tx, account, token)
	}
	if string(account.Email) != token.Address {
		return nil, domain.ErrLinkSpent
	}
	if err := tx.SaveAccount(ctx, account.Verified(a.now())); err != nil {
		return nil, err
	}
	if err := tx.DropTokens(ctx, account.ID, domain.VerifyEmail); err != nil {
		return nil, err
	}
	return nil, tx.Record(ctx, a.event(domain.AuditEmailVerified, account.ID, "", domain.Origin{}, nil))
}

// moveEmail ends every session but the one that asked.
func (a *App) moveEmail(ctx context.Context, tx ports.Tx, account domain.Account, token domain.OneTimeToken) ([]domain.Revocation, error) {
	now := a.now()
	if err := tx.SaveAccount(ctx, account.WithEmail(domain.Email(token.Address), now)); err != nil {
		return nil, err
	}
	if err := tx.DropTokens(ctx, account.ID, domain.VerifyEmail, domain.ChangeEmail, domain.ResetPassword); err != nil {
		return nil, err
	}
	if err := a.notify(ctx, tx, domain.LetterEmailChanged, account.Email, account.User); err != nil {
		return nil, err
	}
	if err := tx.Record(ctx, a.event(domain.AuditEmailChanged, account.ID, token.Session, domain.Origin{}, nil)); err != nil {
		return nil, err
	}
	return tx.EndSessions(ctx, domain.Ending{User: account.ID, Except: token.Session, Reason: domain.EndedByNewEmail, At: now})
}

// presented finds the token that a link carries.
func (a *App) presented(ctx context.Context, raw string, purposes ...domain.Purpose) (domain.OneTimeToken, error) {
	if refusal := domain.Required(raw); refusal != nil {
		return domain.OneTimeToken{}, domain.WrongField("token", refusal)
	}
	shown, ok := domain.ParseLinkToken(raw)
	if !ok {
		return domain.OneTimeToken{}, domain.ErrLinkForm()
	}
	token, err := a.needs.Post.Token(ctx, shown.ID)
	switch {
	case errors.Is(err, domain.ErrLinkSpent):
		return domain.OneTimeToken{}, domain.ErrLinkSpent
	case err != nil:
		return domain.OneTimeToken{}, fmt.Errorf("find a one-time token: %w", err)
	case !a.needs.Keys.Made(shown, token), !token.IsFor(purposes...):
		return domain.OneTimeToken{}, domain.ErrLinkForm()
	case !token.Live(a.now()):
		return domain.OneTimeToken{}, domain.ErrLinkSpent
	}
	return token, nil
}

// redeem spends the token under the lock of its account.
func (a *App) redeem(ctx context.Context, tx ports.Tx, token domain.OneTimeToken) (domain.Account, error) {
	account, err := tx.LockAccount(ctx, token.User)
	if errors.Is(err, domain.ErrUserNotFound) || err == nil && !account.Active {
		return domain.Account{}, domain.ErrLinkSpent
	}
	if err != nil {
		return domain.Account{}, err
	}
	return account, tx.SpendToken(ctx, token.ID)
}
