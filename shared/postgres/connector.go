package postgres

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"time"

	"github.com/lib/pq"
)

// connector hands out connections that notice when the server they lead to goes
// away or becomes a replica. One that notices makes all that were opened until
// then stale: after a failover nobody writes to a former primary.
type connector struct {
	*pq.Connector
	observe    func(op string, took time.Duration, err error)
	generation atomic.Int64
	// rereads: the pool only reads, so a statement may be sent again when its connection was lost.
	rereads bool
}

func newConnector(dsn string, observe func(string, time.Duration, error), rereads bool) (*connector, error) {
	inner, err := pq.NewConnector(dsn)
	if err != nil {
		return nil, err
	}
	inner.Dialer(dialer{})
	return &connector{Connector: inner, observe: observe, rereads: rereads}, nil
}

// connectError marks what went wrong before there was a session.
type connectError struct{ error }

func (e connectError) Unwrap() error { return e.error }

// Connect opens one connection.
func (c *connector) Connect(ctx context.Context) (driver.Conn, error) {
	start := time.Now()
	generation := c.generation.Load()
	var socket net.Conn
	opened, err := c.Connector.Connect(context.WithValue(ctx, socketKey{}, &socket))
	c.report("connect", start, err)
	if err != nil {
		return nil, connectError{fmt.Errorf("connect to the database: %w", err)}
	}
	full, ok := opened.(pqConn)
	if !ok {
		return nil, errors.Join(errors.New("postgres: lib/pq's connection can do less than it used to"), opened.Close())
	}
	return &conn{pqConn: full, from: c, generation: generation, socket: socket}, nil
}

func (c *connector) report(op string, start time.Time, err error) {
	if c.observe != nil {
		c.observe(op, time.Since(start), err)
	}
}
