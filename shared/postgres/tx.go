package postgres

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jmoiron/sqlx"
)

const (
	txRetries = 3
	// retryPause grows with each attempt and is jittered, so that the two of a deadlock do not meet again.
	retryPause = 10 * time.Millisecond
)

// Tx runs change in a read-committed transaction and commits unless it fails.
// change may run up to four times, when PostgreSQL ends it for a serialization
// failure or deadlock: it touches nothing but tx, and calls nothing over the network.
// Its own error is returned as it is; a database that is away is classified.
func (db *DB) Tx(ctx context.Context, change func(tx *sqlx.Tx) error) error {
	for attempt := 1; ; attempt++ {
		err := db.once(ctx, change)
		if attempt > txRetries || !hasCode(err, serializationFailure, deadlockDetected) {
			return Classify(err)
		}
		if !pause(ctx, time.Duration(attempt)*retryPause) {
			return Classify(err)
		}
	}
}

func (db *DB) once(ctx context.Context, change func(tx *sqlx.Tx) error) (err error) {
	tx, giveBack, err := db.primary.pool.begin(ctx)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer giveBack()
	defer func() {
		// After a commit this does nothing; after a panic it is all that happens.
		if rollback := tx.Rollback(); rollback != nil && !errors.Is(rollback, sql.ErrTxDone) && err == nil {
			err = fmt.Errorf("roll back: %w", rollback)
		}
	}()
	if err := change(tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// begin tries another connection where the server has ended the one it took: nothing has been done yet.
func (p *Pool) begin(ctx context.Context) (tx *sqlx.Tx, giveBack func(), err error) {
	const tries = 3
	for range tries {
		var conn *sqlx.Conn
		if conn, err = p.acquire(ctx); err != nil {
			return nil, nil, err
		}
		if tx, err = conn.BeginTxx(ctx, &sql.TxOptions{Isolation: sql.LevelReadCommitted}); err == nil {
			return tx, func() { _ = conn.Close() }, nil
		}
		_ = conn.Close()
		if !errors.Is(err, driver.ErrBadConn) {
			break
		}
	}
	return nil, nil, err
}

// pause waits between half of d and d; false when ctx ends first.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d/2 + rand.N(d/2+1)) //nolint:gosec // jitter
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
