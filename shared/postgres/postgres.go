// Package postgres opens the pool that a service keeps to PostgreSQL: the
// read-write host is found among several, replicas are read where a moment's
// delay does not matter, and every connection runs with the service's own
// least-privileged role.
package postgres

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/health"
)

// DB is a service's way to its data. It is safe for concurrent use.
type DB struct {
	config   Config
	logger   *slog.Logger
	primary  *sqlx.DB
	replicas []*replica
	stop     context.CancelFunc
	running  sync.WaitGroup
}

// Open checks the config and opens the pools. The server need not be up: the
// first query, or the warming in the background, connects. Close when done.
func Open(_ context.Context, c Config) (*DB, error) {
	c = c.withDefaults()
	if err := c.check(); err != nil {
		return nil, err
	}
	primary, err := openPool(c, c.dsn(runtimeSession, c.Hosts), c.MaxOpen)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.Background()) // lives until Close, not as long as the opening
	db := &DB{config: c, logger: c.Logger, primary: primary, stop: stop}
	for _, host := range c.ReadHosts {
		pool, err := openPool(c, c.dsn(replicaSession, []config.HostPort{host}), c.MaxOpen)
		if err != nil {
			return nil, errors.Join(err, db.Close())
		}
		db.replicas = append(db.replicas, &replica{pool: pool})
	}
	db.running.Go(func() { db.keepWarm(ctx) })
	for _, r := range db.replicas {
		db.running.Go(func() { r.watch(ctx) })
	}
	return db, nil
}

func openPool(c Config, dsn string, maxOpen int) (*sqlx.DB, error) {
	inner, err := pq.NewConnector(dsn)
	if err != nil {
		return nil, errors.New("postgres: the connection settings cannot be used") // pq's error repeats the password
	}
	pool := sql.OpenDB(&connector{Connector: inner, observe: c.Observe, generation: new(atomic.Int64)})
	pool.SetMaxOpenConns(maxOpen)
	pool.SetMaxIdleConns(maxOpen) // surplus goes by its idle time: closing at once would reconnect at every burst
	pool.SetConnMaxIdleTime(c.ConnMaxIdleTime)
	return sqlx.NewDb(pool, "postgres"), nil
}

// Primary reads and writes; whatever decides something uses it.
func (db *DB) Primary() *sqlx.DB { return db.primary }

// Ping reports whether the primary answers.
func (db *DB) Ping(ctx context.Context) error { return Classify(db.primary.PingContext(ctx)) }

// Notify sends on a channel in a statement of its own; call it after the
// commit that it tells about, never inside the transaction: NOTIFY at commit
// takes a lock that serializes all committers.
func (db *DB) Notify(ctx context.Context, channel, payload string) error {
	const notify = `SELECT pg_notify($1, $2)`
	_, err := db.primary.ExecContext(ctx, notify, channel, payload)
	return Classify(err)
}

// Close ends the background work and closes every connection.
func (db *DB) Close() error {
	db.stop()
	db.running.Wait()
	errs := []error{db.primary.Close()}
	for _, r := range db.replicas {
		errs = append(errs, r.pool.Close())
	}
	return errors.Join(errs...)
}

// Checks are what the health pages show of it.
func (db *DB) Checks() []health.Check {
	checks := []health.Check{{Name: "primary", Group: health.Database, Role: "primary", Critical: true, Probe: db.Ping}}
	for i, r := range db.replicas {
		checks = append(checks, r.check(i+1))
	}
	return checks
}

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

var _ driver.Connector = (*connector)(nil)
