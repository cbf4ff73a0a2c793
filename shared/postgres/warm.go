package postgres

import (
	"context"
	"database/sql/driver"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jmoiron/sqlx"
)

// keepWarm holds n connections open, so that the first request after a quiet
// night does not pay for a handshake. The others are closed once they have been
// idle for ConnMaxIdleTime; these are kept from that by a ping, and are closed
// and opened anew when they have done nothing else for WarmMaxIdleTime: what
// stands between us and the server forgets connections that are never used.
func (p *Pool) keepWarm(ctx context.Context, n int, c Config) {
	const often = 3 // so that one late round closes none of them
	every(ctx, c.ConnMaxIdleTime/often, func() {
		// A pool that spares connections for others may be smaller than n.
		stats := p.db.Stats()
		if missing := min(n, stats.MaxOpenConnections) - stats.InUse; missing > 0 {
			p.warm(ctx, missing, c.WarmMaxIdleTime)
		}
	})
}

const (
	// warmLimit: a server that is down is tried again later.
	warmLimit = 10 * time.Second
	// heldTogether: there may be fewer than were counted by the time they are taken,
	// and nobody shall wait for a connection that we hold while we wait for another.
	heldTogether = 100 * time.Millisecond
)

// warm takes n connections at once, or as many as it gets soon, pings each and
// gives all back: what is idle is used first, the rest is opened.
func (p *Pool) warm(ctx context.Context, n int, idle time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, warmLimit)
	defer cancel()
	together, release := context.WithTimeout(ctx, heldTogether)
	defer release()
	var taken atomic.Int64
	var group sync.WaitGroup
	for range n {
		group.Go(func() {
			conn, err := p.takeWarm(ctx, idle)
			if taken.Add(1) == int64(n) {
				release()
			}
			if err != nil {
				return
			}
			<-together.Done()
			_ = conn.PingContext(ctx) // a broken one is dropped as it is given back
			_ = conn.Close()
		})
	}
	group.Wait()
}

// takeWarm takes a connection that has worked lately, or a new one in the place of one that has not.
func (p *Pool) takeWarm(ctx context.Context, idle time.Duration) (*sqlx.Conn, error) {
	for {
		taken, err := p.acquire(ctx)
		if err != nil {
			return nil, err
		}
		if taken.Raw(func(under any) error {
			if c, ok := under.(*conn); ok && c.idleFor() > idle {
				return driver.ErrBadConn // which closes it
			}
			return nil
		}) == nil {
			return taken, nil
		}
		_ = taken.Close()
	}
}
