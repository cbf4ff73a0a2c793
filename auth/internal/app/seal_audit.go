package app

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/loveapp/backend/auth/internal/domain"
)

const (
	// sealEvery is how long somebody who owns the database could change the record unnoticed.
	sealEvery = time.Minute
	sealLimit = 30 * time.Second
)

// SealAudit seals what has been recorded since the last seal. Each seal is
// logged: whoever rewrites the whole chain must rewrite the logs too.
func (a *App) SealAudit(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, sealLimit)
	defer cancel()
	seal, sealed, err := a.needs.Seals.SealNext(ctx)
	if err != nil {
		return fmt.Errorf("seal the record: %w", err)
	}
	if sealed {
		a.needs.Logger.LogAttrs(ctx, slog.LevelInfo, "audit sealed",
			slog.Int64("seal", seal.Number), slog.Int64("events", seal.Events), slog.String("hash", seal.Hash))
	}
	return nil
}

func (a *App) sealing(ctx context.Context) error {
	tick := time.NewTicker(sealEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if err := a.SealAudit(ctx); err != nil && ctx.Err() == nil {
			a.needs.Logger.LogAttrs(ctx, slog.LevelWarn, "audit not sealed", slog.Any("error", err))
		}
	}
}

// VerifyAudit recomputes the whole chain up to the first seal that does not
// match what is there.
func (a *App) VerifyAudit(ctx context.Context) (domain.Verified, error) {
	var v domain.Verified
	for {
		found, more, err := a.needs.Seals.Recompute(ctx, v.Last)
		switch {
		case err != nil:
			return v, fmt.Errorf("verify the record: %w", err)
		case !more:
			return v, nil
		case !found.Holds():
			v.Broken = found.Now.Number
			return v, nil
		}
		v.Last = found.Kept
		v.Erased += found.Origins.Erased
	}
}
