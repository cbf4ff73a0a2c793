package postgres

import (
	"context"
	"database/sql/driver"
	"sync/atomic"
	"time"

	"github.com/lib/pq"
)

// connector hands out connections that notice when the server they lead to has
// changed its role or goes down. One that notices makes all that were opened
// until then stale: after a failover nobody writes to a former primary.
type connector struct {
	*pq.Connector
	observe    func(op string, took time.Duration, err error)
	generation *atomic.Int64
}

// Connect opens one connection.
func (c *connector) Connect(ctx context.Context) (driver.Conn, error) {
	start := time.Now()
	generation := c.generation.Load()
	opened, err := c.Connector.Connect(ctx)
	c.report("connect", start, err)
	if err != nil {
		return nil, err
	}
	return &conn{pqConn: opened.(pqConn), from: c, generation: generation}, nil
}

func (c *connector) report(op string, start time.Time, err error) {
	if c.observe != nil {
		c.observe(op, time.Since(start), err)
	}
}

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

type conn struct {
	pqConn
	from       *connector
	generation int64
}

// saw notes how a statement went. Only the first of a generation to meet a
// failover opens the next one: those that fail with it must not throw away what was opened since.
func (c *conn) saw(op string, start time.Time, err error) {
	c.from.report(op, start, err)
	if meansFailover(err) {
		c.from.generation.CompareAndSwap(c.generation, c.generation+1)
	}
}

func (c *conn) stale() bool { return c.generation != c.from.generation.Load() }

// ResetSession is asked before a connection is used again.
func (c *conn) ResetSession(ctx context.Context) error {
	if c.stale() {
		return driver.ErrBadConn
	}
	return c.pqConn.ResetSession(ctx)
}

// IsValid is asked when a connection is given back.
func (c *conn) IsValid() bool { return !c.stale() && c.pqConn.IsValid() }

// QueryContext runs a query.
func (c *conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	start := time.Now()
	rows, err := c.pqConn.QueryContext(ctx, query, args)
	c.saw("query", start, err)
	return rows, err
}

// ExecContext runs a statement.
func (c *conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	start := time.Now()
	result, err := c.pqConn.ExecContext(ctx, query, args)
	c.saw("exec", start, err)
	return result, err
}

// PrepareContext prepares a statement; what it meets later is not observed.
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
