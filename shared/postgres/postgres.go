// Package postgres opens the pools that a service keeps to PostgreSQL. The
// read-write host is found among several, and again within a second or two of a
// failover; replicas are read where nothing is decided, and show whatever was
// written before; every connection runs with the service's own least-privileged role.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/loveapp/backend/shared/health"
)

// DB is a service's way to its data. It is safe for concurrent use.
type DB struct {
	config   Config
	logger   *slog.Logger
	figures  *figures
	primary  *server
	replicas []*replica
	stop     context.CancelFunc
	running  sync.WaitGroup

	silent  atomic.Bool // the primary has not answered the last look
	trackMu sync.Mutex
	track   track

	listenPing time.Duration
}

// Open checks the config and opens the pools. The server need not be up: the
// first query, or the warming in the background, connects. Close when done.
func Open(_ context.Context, c Config) (*DB, error) {
	c = c.withDefaults()
	if err := c.check(); err != nil {
		return nil, err
	}
	db := &DB{config: c, logger: c.Logger, figures: newFigures(), listenPing: listenPing}
	c.Observe = db.figures.observe(c.Observe)
	var err error
	if db.primary, err = openServer(c, "primary", readWrite, c.Hosts...); err != nil {
		return nil, err
	}
	for i, host := range c.ReadHosts {
		s, err := openServer(c, fmt.Sprintf("replica-%d", i+1), anyServer, host)
		if err != nil {
			return nil, err
		}
		db.replicas = append(db.replicas, db.newReplica(s))
	}
	db.run()
	return db, nil
}

// run starts what works in the background: it lives until Close, not as long as the opening.
func (db *DB) run() {
	ctx, stop := context.WithCancel(context.Background())
	db.stop = stop
	if db.config.Warm > 0 || len(db.replicas) > 0 || len(db.config.Hosts) > 1 {
		db.running.Go(func() { db.watchPrimary(ctx) })
	}
	for _, r := range db.replicas {
		db.running.Go(func() { r.watch(ctx) })
	}
	if db.config.Warm == 0 {
		return
	}
	db.running.Go(func() { db.primary.pool.keepWarm(ctx, db.config.Warm, db.config) })
	for _, r := range db.replicas {
		db.running.Go(func() { r.pool.keepWarm(ctx, db.config.Warm, db.config) })
	}
}

// Primary reads and writes; whatever decides something uses it.
func (db *DB) Primary() *Pool { return db.primary.pool }

// Ping reports whether the primary answers.
func (db *DB) Ping(ctx context.Context) error {
	return Classify(db.primary.pool.with(ctx, func(c *sqlx.Conn) error { return c.PingContext(ctx) }))
}

// Notify sends on a channel in a statement of its own; call it after the
// commit that it tells about, never inside the transaction: NOTIFY at commit
// takes a lock that serializes all committers.
func (db *DB) Notify(ctx context.Context, channel, payload string) error {
	const notify = `SELECT pg_notify($1, $2)`
	_, err := db.primary.pool.ExecContext(ctx, notify, channel, payload)
	return Classify(err)
}

// Close ends the background work and closes every connection.
func (db *DB) Close() error {
	db.stop()
	db.running.Wait()
	errs := []error{db.primary.close()}
	for _, r := range db.replicas {
		errs = append(errs, r.close())
	}
	return errors.Join(errs...)
}

// Checks are what the health pages show of it: an entry for each server, asked
// on a connection of its own, because a pool that is busy is no server that is down.
func (db *DB) Checks() []health.Check {
	checks := []health.Check{{
		Name: db.primary.name, Group: health.Database, Role: "primary", Critical: true,
		Probe: func(ctx context.Context) error {
			_, err := db.primary.look(ctx)
			return err
		},
	}}
	for _, r := range db.replicas {
		checks = append(checks, r.check())
	}
	return checks
}
