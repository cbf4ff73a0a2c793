package postgres

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jmoiron/sqlx"
)

// Pool runs statements on connections that are kept open. Whoever finds none
// free waits, at most as long as the config's AcquireTimeout.
type Pool struct {
	db   *sqlx.DB
	wait time.Duration

	mu   sync.Mutex
	size int
}

// newPool opens none yet.
func newPool(c Config, from driver.Connector, size int) *Pool {
	db := sql.OpenDB(from)
	db.SetMaxOpenConns(size)
	db.SetMaxIdleConns(size) // surplus goes by its idle time: closing at once would reconnect at every burst
	db.SetConnMaxIdleTime(c.ConnMaxIdleTime)
	return &Pool{db: sqlx.NewDb(db, "postgres"), wait: c.AcquireTimeout, size: size}
}

// GetContext reads one row into dst; sql.ErrNoRows where there is none.
func (p *Pool) GetContext(ctx context.Context, dst any, query string, args ...any) error {
	return p.with(ctx, func(c *sqlx.Conn) error { return c.GetContext(ctx, dst, query, args...) })
}

// SelectContext appends every row to the slice that dst points to.
func (p *Pool) SelectContext(ctx context.Context, dst any, query string, args ...any) error {
	return p.with(ctx, func(c *sqlx.Conn) error { return c.SelectContext(ctx, dst, query, args...) })
}

// ExecContext runs a statement.
func (p *Pool) ExecContext(ctx context.Context, statement string, args ...any) (sql.Result, error) {
	var result sql.Result
	err := p.with(ctx, func(c *sqlx.Conn) (err error) {
		result, err = c.ExecContext(ctx, statement, args...)
		return err
	})
	return result, err
}

// spare leaves n connections to somebody else, until they are given back.
func (p *Pool) spare(n int) (giveBack func()) {
	p.grow(-n)
	return func() { p.grow(n) }
}

func (p *Pool) grow(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.size += n
	p.db.SetMaxOpenConns(max(1, p.size))
}

// Stats counts its connections.
func (p *Pool) Stats() sql.DBStats { return p.db.Stats() }

func (p *Pool) with(ctx context.Context, use func(*sqlx.Conn) error) error {
	conn, err := p.acquire(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	return use(conn)
}

var errNoneFree = fmt.Errorf("postgres: no connection came free in time: %w", context.DeadlineExceeded)

// acquire takes a connection, to be given back with Close.
func (p *Pool) acquire(ctx context.Context) (*sqlx.Conn, error) {
	waiting, cancel := context.WithTimeout(ctx, p.wait)
	defer cancel()
	conn, err := p.db.Connx(waiting)
	if err != nil && ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
		return nil, errNoneFree
	}
	return conn, err
}
