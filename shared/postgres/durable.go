package postgres

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// Durable is a connection of its own, beside the pools: what it commits waits
// until the synchronous standbys have it, and with it all that anybody has
// committed on that server before. A standby that stalls stops nothing else.
type Durable struct {
	pool     *Pool
	giveBack func()
	mu       sync.Mutex // one statement at a time: a warning does not say what it is about
	warning  atomic.Pointer[pq.Error]
}

// Durable makes it; the connection is opened at its first use. Close it before the DB.
func (db *DB) Durable() *Durable {
	d := &Durable{giveBack: db.primary.pool.spare(1)}
	d.pool = newPool(db.config, durableConnector{db.primary.connector, d.note}, 1)
	d.pool.db.SetConnMaxIdleTime(0)
	return d
}

// note keeps what the server warns of: a notice that is none has the code of success.
func (d *Durable) note(notice *pq.Error) {
	if notice.Code != successfulCompletion {
		d.warning.Store(notice)
	}
}

// Close gives the connection up.
func (d *Durable) Close() error {
	d.giveBack()
	return d.pool.db.Close()
}

// ErrUnconfirmed: it is committed, and no standby has said so far that it has it.
var ErrUnconfirmed = errors.New("postgres: the standby has not confirmed the commit")

// ExecContext runs a statement, which must write: what writes nothing waits for
// nobody. Where a standby is configured and has it, replicated is true; where
// none is, it is false, and the server's own disk has it. It fails where ctx
// ends before that, although the statement may have taken effect.
func (d *Durable) ExecContext(ctx context.Context, statement string, args ...any) (result sql.Result, replicated bool, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	conn, err := d.pool.acquire(ctx)
	if err != nil {
		return nil, false, err
	}
	defer func() { _ = conn.Close() }()
	before, err := hasStandbys(ctx, conn)
	if err != nil {
		return nil, false, err
	}
	d.warning.Store(nil)
	if result, err = commitDurably(ctx, conn, statement, args); err != nil {
		return nil, false, err
	}
	// When ctx ends, lib/pq cancels the wait. PostgreSQL then answers with
	// success, because the commit stands, and with a warning that it may be on
	// this server only.
	if warning := d.warning.Load(); warning != nil {
		return nil, false, fmt.Errorf("%w: %s", ErrUnconfirmed, warning.Message)
	}
	if ctx.Err() != nil {
		return nil, false, fmt.Errorf("%w: %w", ErrUnconfirmed, context.Cause(ctx))
	}
	if !before {
		return result, false, nil
	}
	// Whoever waits is let go without a word when the last standby is taken out of the configuration.
	after, err := hasStandbys(ctx, conn)
	return result, after, err
}

// commitDurably says BEGIN and COMMIT itself: those of database/sql heed no
// context, and a wait that is not cancelled keeps a session of the server for as
// long as the standby is away. Nothing is set beyond the transaction, because
// with a pooler the next one runs in another session.
func commitDurably(ctx context.Context, conn *sqlx.Conn, statement string, args []any) (result sql.Result, err error) {
	defer func() {
		if err != nil {
			_ = conn.Raw(func(any) error { return driver.ErrBadConn }) // closes it in the middle of the transaction
		}
	}()
	if _, err = conn.ExecContext(ctx, `BEGIN; SET LOCAL synchronous_commit = on`); err != nil {
		return nil, err
	}
	if result, err = conn.ExecContext(ctx, statement, args...); err != nil {
		return nil, err
	}
	_, err = conn.ExecContext(ctx, `COMMIT`)
	return result, err
}

// HasStandbys tells whether commits can be made to wait for a standby.
func (db *DB) HasStandbys(ctx context.Context) (bool, error) {
	var has bool
	err := db.primary.pool.GetContext(ctx, &has, selectHasStandbys)
	return has, Classify(err)
}

const selectHasStandbys = `SELECT current_setting('synchronous_standby_names') <> ''`

func hasStandbys(ctx context.Context, conn *sqlx.Conn) (has bool, err error) {
	err = conn.GetContext(ctx, &has, selectHasStandbys)
	return has, err
}

// durableConnector opens connections like those of the pools, which are cut with
// them after a failover, and hears their warnings. It has no Close: the lines
// belong to the DB.
type durableConnector struct {
	from *connector
	warn func(*pq.Error)
}

// Driver is lib/pq's.
func (d durableConnector) Driver() driver.Driver { return d.from.Driver() }

// Connect opens one connection.
func (d durableConnector) Connect(ctx context.Context) (driver.Conn, error) {
	opened, err := d.from.Connect(ctx)
	if err != nil {
		return nil, err
	}
	made, ok := opened.(*conn)
	if !ok {
		return nil, errors.Join(errors.New("postgres: the connector opens connections of another kind"), opened.Close())
	}
	pq.SetNoticeHandler(made.pqConn, d.warn)
	return made, nil
}
