package postgres

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"time"
)

// saw notes how a statement went. Only the first of a generation to meet a
// failover opens the next one: those that fail with it must not throw away what
// was opened since.
func (c *conn) saw(op string, start time.Time, err error) {
	c.from.report(op, start, err)
	if err == nil {
		c.from.answered.Store(time.Now().UnixNano())
	}
	c.outdated = c.outdated || outdated(err)
	if meansFailover(err) || lost(err) {
		c.from.generation.CompareAndSwap(c.generation, c.generation+1)
	}
}

// lost: the other side has ended the connection. lib/pq gives every FATAL (57P01
// among them) and an end as ErrBadConn, a reset as it is. A socket that we have
// closed ourselves says nothing about the server.
func lost(err error) bool {
	if errors.Is(err, net.ErrClosed) {
		return false
	}
	_, broken := errors.AsType[*net.OpError](err)
	return broken || errors.Is(err, driver.ErrBadConn)
}

// sent is saw for a statement that may have taken effect. database/sql sends it
// again on another connection for ErrBadConn, and what was done would be done
// twice. (Idle connections that the server has closed never get here: see quiet.)
func (c *conn) sent(ctx context.Context, op string, start time.Time, err error) error {
	c.saw(op, start, err)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil && (hasCode(err, queryCanceled) || lost(err) || errors.Is(err, net.ErrClosed)):
		return fmt.Errorf("%w: %v", ctx.Err(), err) //nolint:errorlint // the driver's own words would make database/sql try again
	case errors.Is(err, driver.ErrBadConn):
		return errLost
	}
	return err
}
