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

const (
	eraseLimit = 10 * time.Second
	eraseLease = time.Minute
	eraseBatch = 10
	// sweepEvery and keptFor: for a week an operator can see why a letter died.
	sweepEvery = 10 * time.Minute
	keptFor    = 7 * 24 * time.Hour
)

// forget erases who has left, here and elsewhere, until ctx ends.
func (a *App) forget(ctx context.Context) error {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	var swept time.Time
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		err := errors.Join(a.eraseDeparted(ctx), a.eraseElsewhere(ctx))
		if now := a.now(); now.Sub(swept) >= sweepEvery {
			swept = now
			err = errors.Join(err, a.needs.Post.Sweep(ctx, now.Add(-keptFor)))
		}
		if err != nil && ctx.Err() == nil {
			a.needs.Logger.LogAttrs(ctx, slog.LevelWarn, "not everybody who has left is forgotten yet", slog.Any("error", err))
		}
	}
}

// eraseDeparted erases accounts whose time to come back is over.
func (a *App) eraseDeparted(ctx context.Context) error {
	departed, err := a.needs.Erasures.Departed(ctx, a.now(), eraseBatch)
	if err != nil {
		return fmt.Errorf("look for who has left: %w", err)
	}
	for _, id := range departed {
		if err := a.eraseAccount(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

var errCameBack = errors.New("they came back")

func (a *App) eraseAccount(ctx context.Context, id domain.UserID) (err error) {
	ctx, done := a.begin(ctx, "erase account")
	defer func() { done(err) }()
	var ended []domain.Revocation
	err = a.needs.Store.Change(ctx, func(tx ports.Tx) error {
		account, err := tx.LockAccount(ctx, id)
		if err != nil {
			return err
		}
		if !account.Gone(a.now()) {
			return errCameBack
		}
		if err := tx.Record(ctx, a.event(domain.AuditErased, id, "", domain.Origin{}, nil)); err != nil {
			return err
		}
		if ended, err = tx.EndSessions(ctx, domain.Ending{User: id, Reason: domain.EndedByDeletion, At: a.now()}); err != nil {
			return err
		}
		return tx.EraseAccount(ctx, id, domain.Holders())
	})
	if errors.Is(err, errCameBack) || errors.Is(err, domain.ErrUserNotFound) { // another copy was faster
		return nil
	}
	if err != nil {
		return fmt.Errorf("erase an account: %w", err)
	}
	a.announce(ctx, ended)
	a.changed(ctx, id)
	a.needs.Count("account_erased")
	a.needs.Logger.LogAttrs(ctx, slog.LevelInfo, "account erased", slog.String("user_id", string(id)))
	return nil
}

// eraseElsewhere asks the other services until each has said that it is done.
func (a *App) eraseElsewhere(ctx context.Context) error {
	due, err := a.needs.Erasures.DueErasures(ctx, eraseLease, eraseBatch)
	if err != nil {
		return fmt.Errorf("look for erasures: %w", err)
	}
	for _, e := range due {
		following, done := a.follow(ctx, e.Trace, "have account erased")
		bounded, cancel := context.WithTimeout(following, eraseLimit)
		failed := a.needs.Eraser.Erase(bounded, e.Service, e.User)
		cancel()
		done(failed)
		if err := a.settleErasure(ctx, e, failed); err != nil {
			return err
		}
	}
	return nil
}

func (a *App) settleErasure(ctx context.Context, e domain.Erasure, failed error) error {
	if failed == nil {
		a.needs.Count("erased_elsewhere")
		return a.needs.Erasures.Erased(ctx, e)
	}
	a.needs.Count("erasure_delayed")
	a.needs.Logger.LogAttrs(ctx, slog.LevelWarn, "a service has not erased a user yet", slog.String("user_id", string(e.User)),
		slog.String("service", e.Service), slog.Int("tries", e.Tries), slog.Any("error", failed))
	return a.needs.Erasures.EraseLater(ctx, e, e.Pause())
}
