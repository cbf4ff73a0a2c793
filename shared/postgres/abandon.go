package postgres

import (
	"context"
	"database/sql/driver"
	"time"
)

// abandonAfter is what a server gets to heed the cancelling of a statement. One
// that has frozen never does, and the caller would wait until TCP gives up.
const abandonAfter = 500 * time.Millisecond

// abandon cuts the connection when ctx has ended and the statement still has not.
func (c *conn) abandon(ctx context.Context) (ended func()) {
	if ctx.Done() == nil {
		return func() {}
	}
	done := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		select {
		case <-done:
		case <-time.After(abandonAfter):
			_ = c.socket.TCPConn.Close()
		}
	})
	return func() {
		stop()
		close(done)
	}
}

// transaction ends in time, too.
type transaction struct {
	driver.Tx

	conn *conn
	ctx  context.Context //nolint:containedctx // it is that of the transaction, and Commit is given none
}

// Commit keeps what was done.
func (t transaction) Commit() error {
	start := time.Now()
	defer t.conn.abandon(t.ctx)()
	err := t.Tx.Commit()
	t.conn.saw("commit", start, err)
	return err
}

// rollbackLimit is for a transaction whose caller has left, so that its context says nothing.
const rollbackLimit = time.Second

// Rollback drops what was done.
func (t transaction) Rollback() error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.ctx), rollbackLimit)
	defer cancel()
	defer t.conn.abandon(ctx)()
	return t.Tx.Rollback()
}
