package app

import (
	"context"
	"time"
)

// reap removes the ghosts that dead instances and ended epochs have left, but
// not right after an outage: the living need a moment to claim their leases again.
func (a *App) reap(ctx context.Context) {
	every(ctx, a.pace.Reap, func(ctx context.Context) {
		if a.now().Sub(time.Unix(0, a.presence.away.Load())) < a.pace.Quiet {
			return
		}
		ctx, cancel := context.WithTimeout(ctx, registryTime)
		defer cancel()
		reaped, err := a.registry.Reap(ctx)
		a.counters.Reaped.Add(int64(reaped))
		if err != nil {
			a.presence.absent()
			return
		}
		if reaped > 0 {
			a.logger.InfoContext(ctx, "ghosts removed from the connection registry", "count", reaped)
		}
	})
}
