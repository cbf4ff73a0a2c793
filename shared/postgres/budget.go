package postgres

import (
	"context"
	"log/slog"
	"time"
)

const (
	budgetEvery = time.Minute
	// poolsLock is the first half of an advisory lock's key; the second is the size
	// of the pool whose process holds it. Everybody may read who holds which.
	poolsLock = 0x6c6f7665
)

const (
	announcePool = `SELECT pg_advisory_lock_shared($1, $2)`
	sumOfPools   = `SELECT coalesce((SELECT sum(objid::bigint) FROM pg_locks
			WHERE locktype = 'advisory' AND classid::bigint = $1 AND objsubid = 2), 0)::bigint AS pools,
		current_setting('max_connections')::bigint - current_setting('superuser_reserved_connections')::bigint AS room`
)

// budget announces this process's pool to the others on the server for as long
// as its session lives, and warns when all pools together could open more
// connections than the server takes: that shows under load only, and as errors.
type budget struct {
	server  *server
	size    int
	logger  *slog.Logger
	session int64
	looked  time.Time
	warned  bool
}

type poolsRow struct {
	Pools int64 `db:"pools"`
	Room  int64 `db:"room"`
}

// look is called with the scout's session after each look at the server.
func (b *budget) look(ctx context.Context, session int64) {
	if session == b.session && time.Since(b.looked) < budgetEvery {
		return
	}
	if session != b.session {
		if _, err := b.server.scout.ExecContext(ctx, announcePool, poolsLock, b.size); err != nil {
			return // it is tried again after the next look
		}
		b.session = session
	}
	var row poolsRow
	if err := b.server.scout.GetContext(ctx, &row, sumOfPools, int64(poolsLock)); err != nil {
		return
	}
	b.looked = time.Now()
	over := row.Pools > row.Room
	if over && !b.warned {
		b.logger.Warn("all pools together may open more connections than the server takes: lower DATABASE_POOL_MAX or raise max_connections",
			"server", b.server.name, "pools", row.Pools, "room", row.Room)
	}
	b.warned = over
}
