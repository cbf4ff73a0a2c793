package postgres

import (
	"context"
	"database/sql/driver"
	"errors"
	"net"
	"sync/atomic"
	"time"
)

// pqConn is what a connection of lib/pq can do.
type pqConn interface {
	driver.Conn
	driver.QueryerContext
	driver.ExecerContext
	driver.ConnPrepareContext
	driver.ConnBeginTx
	driver.Pinger
	driver.SessionResetter
	driver.Validator
	driver.NamedValueChecker
}

// conn is one connection and the generation of the pool it belongs to.
type conn struct {
	pqConn

	from       *connector
	host       int
	generation int64
	socket     *socket
	worked     atomic.Int64 // when it was used for more than a ping, in Unix ns
	prepared   map[string]preparedStmt
	outdated   bool // what it has prepared no longer fits
}

// errLost: whether the statement took effect is not known.
var errLost = errors.New("postgres: the connection was lost during a statement")

// ResetSession is asked before a connection is used again.
func (c *conn) ResetSession(ctx context.Context) error {
	if c.stale() || !c.socket.quiet() {
		return driver.ErrBadConn
	}
	return c.pqConn.ResetSession(ctx)
}

// IsValid is asked when a connection is given back.
func (c *conn) IsValid() bool { return !c.stale() && !c.outdated && c.pqConn.IsValid() }

// Close says farewell, unless the socket is closed already: the pools of one
// server share a connector, and the first that closes cuts every line.
func (c *conn) Close() error {
	if err := c.pqConn.Close(); !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}

func (c *conn) stale() bool { return c.generation != c.from.generation.Load() }

// QueryContext runs a query.
func (c *conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	start := c.work()
	defer c.abandon(ctx)()
	rows, err := c.query(ctx, query, args)
	return rows, c.sent(ctx, "query", start, err)
}

// ExecContext runs a statement.
func (c *conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	start := c.work()
	defer c.abandon(ctx)()
	result, err := c.exec(ctx, query, args)
	return result, c.sent(ctx, "exec", start, err)
}

// PrepareContext prepares a statement; how it fares later is not observed.
func (c *conn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	start := c.work()
	defer c.abandon(ctx)()
	stmt, err := c.pqConn.PrepareContext(ctx, query)
	c.saw("prepare", start, err)
	return stmt, err
}

// BeginTx starts a transaction.
func (c *conn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	start := c.work()
	defer c.abandon(ctx)()
	tx, err := c.pqConn.BeginTx(ctx, opts)
	c.saw("begin", start, err)
	if err != nil {
		return nil, err
	}
	return transaction{tx, c, ctx}, nil
}

// Ping asks for a sign of life.
func (c *conn) Ping(ctx context.Context) error {
	defer c.abandon(ctx)()
	return c.pqConn.Ping(ctx)
}

// idleFor is how long it has done nothing but answer pings.
func (c *conn) idleFor() time.Duration { return time.Since(time.Unix(0, c.worked.Load())) }

func (c *conn) work() time.Time {
	now := time.Now()
	c.worked.Store(now.UnixNano())
	return now
}
