package postgres

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/loveapp/backend/shared/health"
)

const (
	replicaProbeEvery   = time.Second
	replicaProbeTimeout = 2 * time.Second
)

// replica is one read host and whether it may be read at the moment. Whoever
// watches decides that; a limit on its delay belongs into probe.
type replica struct {
	pool   *sqlx.DB
	usable atomic.Bool
}

// Reader is for reads that may be a moment old: the first usable replica, else
// the primary. Nothing that decides about login, tokens or an emergency uses it.
func (db *DB) Reader(context.Context) *sqlx.DB {
	for _, r := range db.replicas {
		if r.usable.Load() {
			return r.pool
		}
	}
	return db.primary
}

func (r *replica) watch(ctx context.Context) {
	tick := time.NewTicker(replicaProbeEvery)
	defer tick.Stop()
	for {
		r.usable.Store(r.probe(ctx) == nil)
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

func (r *replica) probe(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, replicaProbeTimeout)
	defer cancel()
	return Classify(r.pool.PingContext(ctx))
}

func (r *replica) check(number int) health.Check {
	return health.Check{Name: fmt.Sprintf("replica-%d", number), Group: health.Database, Role: "replica", Probe: r.probe}
}
