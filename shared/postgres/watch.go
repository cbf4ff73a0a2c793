package postgres

import (
	"context"
	"time"
)

// every does work at once and then again and again until ctx ends.
func every(ctx context.Context, interval time.Duration, work func()) {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		work()
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// watchPrimary keeps the track by which replicas are judged. Asking also finds
// the next primary when this one has gone, before a request has to.
func (db *DB) watchPrimary(ctx context.Context) {
	pools := &budget{server: db.primary, size: db.config.MaxOpen, logger: db.logger}
	every(ctx, watchEvery, func() {
		seen, err := db.primary.look(ctx)
		if ctx.Err() != nil {
			return
		}
		if was := db.silent.Swap(err != nil); was != (err != nil) {
			db.logger.Warn("the primary", "answers", err == nil, "error", err)
		}
		if err == nil {
			db.trackMu.Lock()
			db.track.add(seen.At, time.Now())
			db.trackMu.Unlock()
			pools.look(ctx, seen.Session)
		}
	})
}

func (db *DB) lagAt(at position) time.Duration {
	db.trackMu.Lock()
	defer db.trackMu.Unlock()
	return db.track.behind(at, time.Now())
}
