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

// VerifyAudit recomputes the whole chain and gives its last good seal; broken is
// the number of the first that does not match what is there, 0 where all do.
func (a *App) VerifyAudit(ctx context.Context) (last domain.Seal, broken int64, err error) {
	for {
		kept, now, more, err := a.needs.Seals.Recompute(ctx, last)
		switch {
		case err != nil:
			return last, 0, fmt.Errorf("verify the record: %w", err)
		case !more:
			return last, 0, nil
		case kept != now:
			return last, now.Number, nil
		}
		last = kept
	}
}
