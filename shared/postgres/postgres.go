// Package postgres opens the pool that a service keeps to PostgreSQL: the
// read-write host is found among several, replicas are read where a moment's
// delay does not matter, and every connection runs with the service's own
// least-privileged role.
package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jmoiron/sqlx"
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

	listenPing time.Duration
}

// Open checks the config and opens the pools. The server need not be up: the
// first query, or the warming in the background, connects. Close when done.
func Open(_ context.Context, c Config) (*DB, error) {
	c = c.withDefaults()
	if err := c.check(); err != nil {
		return nil, err
	}
	primary, err := openPool(c, c.dsn(readWrite, c.runtimeOptions(), c.Hosts...), false)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.Background()) // lives until Close, not as long as the opening
	db := &DB{config: c, logger: c.Logger, primary: primary, stop: stop, listenPing: listenPing}
	for _, host := range c.ReadHosts {
		pool, err := openPool(c, c.dsn(anyServer, c.runtimeOptions(), host), true)
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

func openPool(c Config, dsn string, rereads bool) (*sqlx.DB, error) {
	connector, err := newConnector(dsn, c.Observe, rereads)
	if err != nil {
		return nil, fmt.Errorf("postgres: the connection settings cannot be used: %s", c.withoutPassword(err.Error()))
	}
	pool := sql.OpenDB(connector)
	pool.SetMaxOpenConns(c.MaxOpen)
	pool.SetMaxIdleConns(c.MaxOpen) // surplus goes by its idle time: closing at once would reconnect at every burst
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
