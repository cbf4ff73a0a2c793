package app

import (
	"context"
	"time"
)

// purgeTime bounds one step of a walk over all inboxes.
const purgeTime = 10 * time.Second

// purge removes what inboxes keep no longer.
func (a *App) purge(ctx context.Context) {
	every(ctx, a.pace.Purge, func(ctx context.Context) {
		for ctx.Err() == nil && a.purgeSome(ctx) {
		}
	})
}

func (a *App) purgeSome(ctx context.Context) (more bool) {
	ctx, cancel := context.WithTimeout(ctx, purgeTime)
	defer cancel()
	purged, more, err := a.store.Purge(ctx, a.retention)
	if err != nil {
		a.logger.DebugContext(ctx, "old entries could not be removed", "error", err)
	}
	a.counters.Purged.Add(int64(purged))
	return more
}
