package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/auth/internal/ports"
)

// Leave plans the caller's account for deletion and ends every session. It gives
// the moment until which signing in cancels that, and fails with
// domain.ErrLastSuperAdmin for the last one.
func (a *App) Leave(ctx context.Context, caller Caller) (time.Time, error) {
	var (
		leaving domain.Account
		ended   []domain.Revocation
	)
	err := a.needs.Store.Change(ctx, func(tx ports.Tx) error {
		account, err := tx.LockAccount(ctx, caller.User)
		if errors.Is(err, domain.ErrUserNotFound) || err == nil && !account.Active {
			return domain.ErrSessionEnded
		}
		if err != nil {
			return err
		}
		leaving = account.Leaving(a.now())
		ended, err = a.leave(ctx, tx, leaving, caller)
		return err
	})
	if err != nil {
		return time.Time{}, fmt.Errorf("leave: %w", err)
	}
	a.announce(ctx, ended)
	a.changed(ctx, caller.User)
	a.needs.Count("deletion_planned")
	a.wake()
	return leaving.DeleteAfter, nil
}

func (a *App) leave(ctx context.Context, tx ports.Tx, leaving domain.Account, caller Caller) ([]domain.Revocation, error) {
	if leaving.Role == domain.RoleSuperAdmin {
		others, err := tx.OtherSuperAdmins(ctx, leaving.ID)
		if err == nil && others == 0 {
			err = domain.ErrLastSuperAdmin
		}
		if err != nil {
			return nil, err
		}
	}
	if err := tx.SaveAccount(ctx, leaving); err != nil {
		return nil, err
	}
	if err := tx.DropTokens(ctx, leaving.ID, domain.ChangeEmail, domain.VerifyPhone); err != nil {
		return nil, err
	}
	if err := a.notify(ctx, tx, domain.LetterDeletion, leaving.Email, leaving.User); err != nil {
		return nil, err
	}
	if err := tx.Record(ctx, a.event(domain.AuditDeletionPlanned, leaving.ID, caller.Session, caller.Origin, nil)); err != nil {
		return nil, err
	}
	return tx.EndSessions(ctx, domain.Ending{User: leaving.ID, Reason: domain.EndedByDeletion, At: a.now()})
}

// stay cancels a deletion that has not come yet: whoever signs in has come back.
func (a *App) stay(ctx context.Context, tx ports.Tx, account *domain.Account, from Client) error {
	if account.DeleteAfter.IsZero() {
		return nil
	}
	locked, err := tx.LockAccount(ctx, account.ID)
	if errors.Is(err, domain.ErrUserNotFound) || err == nil && locked.Gone(a.now()) {
		return domain.ErrInvalidCredentials
	}
	if err != nil {
		return err
	}
	staying := locked.Staying(a.now())
	account.DeleteAfter, account.UpdatedAt = staying.DeleteAfter, staying.UpdatedAt
	if err := tx.SaveAccount(ctx, staying); err != nil {
		return err
	}
	return tx.Record(ctx, a.event(domain.AuditDeletionCancelled, account.ID, "", from.Origin, nil))
}
