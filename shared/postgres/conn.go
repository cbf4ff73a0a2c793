package postgres

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
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
	generation int64
	socket     net.Conn
}

// errLost: whether the statement took effect is not known.
var errLost = errors.New("postgres: the connection was lost during a statement")

// ResetSession is asked before a connection is used again.
func (c *conn) ResetSession(ctx context.Context) error {
	if c.stale() || !quiet(c.socket) {
		return driver.ErrBadConn
	}
	return c.pqConn.ResetSession(ctx)
}

// IsValid is asked when a connection is given back.
func (c *conn) IsValid() bool { return !c.stale() && c.pqConn.IsValid() }

func (c *conn) stale() bool { return c.generation != c.from.generation.Load() }

// QueryContext runs a query.
func (c *conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	start := time.Now()
	rows, err := c.pqConn.QueryContext(ctx, query, args)
	return rows, c.sent(ctx, "query", start, err)
}

// ExecContext runs a statement.
func (c *conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	start := time.Now()
	result, err := c.pqConn.ExecContext(ctx, query, args)
	return result, c.sent(ctx, "exec", start, err)
}

// PrepareContext prepares a statement; how it fares later is not observed.
func (c *conn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	start := time.Now()
	stmt, err := c.pqConn.PrepareContext(ctx, query)
	c.saw("prepare", start, err)
	return stmt, err
}

// BeginTx starts a transaction.
func (c *conn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	start := time.Now()
	tx, err := c.pqConn.BeginTx(ctx, opts)
	c.saw("begin", start, err)
	return tx, err
}

// saw notes how a statement went. Only the first of a generation to meet a
// failover opens the next one: those that fail with it must not throw away what
// was opened since.
func (c *conn) saw(op string, start time.Time, err error) {
	c.from.report(op, start, err)
	// lib/pq gives every FATAL (57P01 among them) and every lost connection as ErrBadConn.
	if meansFailover(err) || errors.Is(err, driver.ErrBadConn) {
		c.from.generation.CompareAndSwap(c.generation, c.generation+1)
	}
}

// sent is saw for a statement that may have taken effect. database/sql sends it
// again on another connection for ErrBadConn, and what was done would be done
// twice. (Idle connections that the server has closed never get here: see quiet.)
func (c *conn) sent(ctx context.Context, op string, start time.Time, err error) error {
	c.saw(op, start, err)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, driver.ErrBadConn) && !c.from.rereads:
		return errLost
	case ctx.Err() != nil && hasCode(err, queryCanceled):
		return fmt.Errorf("%w: %w", ctx.Err(), err) // lib/pq gives the server's words only
	}
	return err
}
