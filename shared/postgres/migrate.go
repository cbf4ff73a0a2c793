package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"time"

	"github.com/lib/pq"
	"github.com/pressly/goose/v3"
)

const (
	versionTable = "goose_db_version"
	lockPoll     = 50 * time.Millisecond
)

// Migrate brings the schema to the newest of the migrations (goose's .sql
// files, at the root of files or in its folder migrations). It runs as the
// login, which owns what it creates, and grants the runtime role the use of it:
// rows, not definitions. Any number of copies may start at once: one works, the others wait.
func Migrate(ctx context.Context, c Config, files fs.FS) error {
	return withProvider(ctx, c, files, func(p *goose.Provider) error {
		_, err := p.Up(ctx)
		return err
	})
}

// MigrateDown takes back every migration above version; 0 takes back all. For tests of the way back.
func MigrateDown(ctx context.Context, c Config, files fs.FS, version int64) error {
	return withProvider(ctx, c, files, func(p *goose.Provider) error {
		_, err := p.DownTo(ctx, version)
		return err
	})
}

func withProvider(ctx context.Context, c Config, files fs.FS, work func(*goose.Provider) error) error {
	c = c.withDefaults()
	if err := c.check(); err != nil {
		return err
	}
	const size = 2 // one holds the lock, one works
	pool, err := openOwner(c, readWrite, size)
	if err != nil {
		return err
	}
	defer func() { _ = pool.Close() }()
	unlock, err := lockMigrations(ctx, pool, c.Schema)
	if err != nil {
		return Classify(fmt.Errorf("wait for other migrations of schema %s: %w", c.Schema, err))
	}
	defer unlock()
	if err := migrate(ctx, c, pool, files, work); err != nil {
		return Classify(fmt.Errorf("migrate schema %s: %w", c.Schema, err))
	}
	return nil
}

func migrate(ctx context.Context, c Config, pool *sql.DB, files fs.FS, work func(*goose.Provider) error) error {
	if err := prepareSchema(ctx, c, pool); err != nil {
		return err
	}
	files, err := migrationFiles(files)
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, pool, files,
		goose.WithTableName(c.Schema+"."+versionTable), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	if err := work(provider); err != nil {
		return err
	}
	return grantRows(ctx, c, pool)
}

func migrationFiles(files fs.FS) (fs.FS, error) {
	const folder = "migrations"
	if info, err := fs.Stat(files, folder); err == nil && info.IsDir() {
		return fs.Sub(files, folder)
	}
	return files, nil
}

// lockMigrations holds an advisory lock of the schema for as long as its
// connection lives. It asks again and again instead of waiting in one
// statement: a waiting statement holds a snapshot, and CREATE INDEX
// CONCURRENTLY waits for those, which would be a deadlock.
func lockMigrations(ctx context.Context, pool *sql.DB, schema string) (unlock func(), err error) {
	const tryLock = `SELECT pg_try_advisory_lock($1)`
	conn, err := pool.Conn(ctx)
	if err != nil {
		return nil, err
	}
	for {
		var held bool
		if err := conn.QueryRowContext(ctx, tryLock, lockID(schema)).Scan(&held); err != nil {
			return nil, errors.Join(err, conn.Close())
		}
		if held {
			return func() { release(conn, schema) }, nil
		}
		if !pause(ctx, 2*lockPoll) {
			return nil, errors.Join(context.Cause(ctx), conn.Close())
		}
	}
}

func release(conn *sql.Conn, schema string) {
	const unlock = `SELECT pg_advisory_unlock($1)`
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second) // also when the caller's has ended
	defer cancel()
	_, _ = conn.ExecContext(ctx, unlock, lockID(schema)) // else the end of the session does it
	_ = conn.Close()
}

func lockID(schema string) int64 {
	hash := fnv.New64a()
	_, _ = hash.Write([]byte("loveapp migrations of " + schema))
	return int64(hash.Sum64()) //nolint:gosec // any 64 bits
}

func ident(name string) string { return pq.QuoteIdentifier(name) }

func literal(text string) string { return pq.QuoteLiteral(text) }
