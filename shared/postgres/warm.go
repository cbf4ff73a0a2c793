package postgres

import (
	"context"
	"database/sql"
	"sync"
	"time"
)

// warmEvery is how often missing warm connections are opened again.
const warmEvery = 10 * time.Second

// keepWarm holds Warm connections open, so that the first request after a
// quiet night does not pay for a handshake.
func (db *DB) keepWarm(ctx context.Context) {
	tick := time.NewTicker(warmEvery)
	defer tick.Stop()
	for {
		if missing := db.config.Warm - db.primary.Stats().InUse; missing > 0 {
			warm(ctx, db.primary.DB, missing)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// warm takes n connections at once, pings each and gives all back: what is
// idle is used first, the rest is opened. A server that is down is tried again later.
func warm(ctx context.Context, pool *sql.DB, n int) {
	ctx, cancel := context.WithTimeout(ctx, warmEvery)
	defer cancel()
	var taken sync.WaitGroup
	enough := make(chan struct{})
	var group sync.WaitGroup
	taken.Add(n)
	for range n {
		group.Go(func() {
			conn, err := pool.Conn(ctx)
			taken.Done()
			if err != nil {
				return
			}
			<-enough
			_ = conn.PingContext(ctx) // a broken one is dropped as it is given back
			_ = conn.Close()
		})
	}
	taken.Wait()
	close(enough)
	group.Wait()
}
