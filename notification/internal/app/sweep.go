package app

import (
	"context"
	"slices"
	"time"
)

const (
	// sweepBatch is how many users are looked up at once: a few ms of the store.
	sweepBatch = 1000
	sweepTime  = 10 * time.Second
)

// sweep compares every local cursor with the store, every few seconds and when
// woken. It is what makes every faster way of telling dispensable.
func (a *App) sweep(ctx context.Context) {
	tick := time.NewTicker(a.pace.Sweep)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-a.woken:
		case <-ctx.Done():
			return
		}
		a.compare(ctx)
	}
}

// wake has the sweep done now: a subscription was made, and what came before it is lost.
func (a *App) wake(context.Context) {
	wakeUp(a.woken)
}

func (a *App) compare(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, sweepTime)
	defer cancel()
	for users := range slices.Chunk(a.roster.users(), sweepBatch) {
		marks, err := a.store.Newest(ctx, users)
		if err != nil {
			a.logger.DebugContext(ctx, "the sweep could not read the store", "error", err)
			return
		}
		for _, mark := range marks {
			a.known(mark)
		}
	}
}
