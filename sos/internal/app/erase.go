package app

import (
	"context"
	"log/slog"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
)

// erasureQuiet is how long an emergency has been over before it is taken apart:
// as long as it can be taken up again.
const erasureQuiet = domain.ReopenWithin

// Erase forgets a user whose account is gone: now, or, while an emergency of
// theirs goes on, as soon as that is over. It can be asked again and again.
func (a *App) Erase(ctx context.Context, user domain.UserID) error {
	former, err := a.Erasures.Erase(ctx, user)
	if err != nil {
		return err
	}
	for _, contact := range former {
		a.dismiss(ctx, contact, user)
	}
	a.Logger.LogAttrs(ctx, slog.LevelInfo, "user to be erased", slog.String("user_id", string(user)))
	_, err = a.Erasures.FinishErasure(ctx, erasureQuiet)
	return err
}

// eraseEvery is how often it is looked for emergencies that are over by now.
const eraseEvery = time.Minute

// FinishErasures goes on with erasures that had to wait, until ctx ends.
func (a *App) FinishErasures(ctx context.Context) error {
	mood := newMood(a.Logger, "erasing users")
	tick := time.NewTicker(eraseEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			mood.note(ctx, inBatches(ctx, func(ctx context.Context) (bool, error) { return a.Erasures.FinishErasure(ctx, erasureQuiet) }))
		case <-ctx.Done():
			return nil
		}
	}
}
