package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	shared "github.com/loveapp/backend/shared/postgres"
	"github.com/loveapp/backend/sos/internal/domain"
)

type pinRow struct {
	Hash         string       `db:"hash"`
	Tries        int          `db:"tries"`
	BlockedUntil sql.NullTime `db:"blocked_until"`
}

func (r pinRow) pin() domain.Pin {
	return domain.Pin{Hash: r.Hash, Tries: r.Tries, BlockedUntil: timeOf(r.BlockedUntil)}
}

func readPin(ctx context.Context, q reader, owner domain.UserID) (domain.Pin, error) {
	const read = `SELECT hash, tries, blocked_until FROM pins WHERE user_id = $1`
	var row pinRow
	if err := q.GetContext(ctx, &row, read, owner); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return domain.Pin{}, fmt.Errorf("read a PIN: %w", err)
	}
	return row.pin(), nil
}

// Pin implements ports.Pins.
func (s *Store) Pin(ctx context.Context, owner domain.UserID) (domain.Pin, error) {
	p, err := readPin(ctx, s.db.Primary(), owner)
	return p, shared.Classify(err)
}

// ChangePin implements ports.Pins.
func (s *Store) ChangePin(ctx context.Context, owner domain.UserID, change func(*domain.Pin, time.Time) error) (domain.Pin, error) {
	// A lock by name, because somebody who has no PIN yet has no row to lock.
	const turn = `SELECT pg_advisory_xact_lock(hashtextextended('sos.pin ' || $1, 0))`
	const write = `
		INSERT INTO pins (user_id, hash, tries, blocked_until) VALUES ($1, $2, $3, $4)
		ON CONFLICT (user_id) DO UPDATE SET hash = excluded.hash, tries = excluded.tries, blocked_until = excluded.blocked_until`
	const remove = `DELETE FROM pins WHERE user_id = $1`
	var p domain.Pin
	err := s.db.Tx(ctx, func(tx *sqlx.Tx) error {
		if _, err := tx.ExecContext(ctx, turn, owner); err != nil {
			return fmt.Errorf("wait for a PIN's turn: %w", err)
		}
		now, err := clock(ctx, tx)
		if err != nil {
			return err
		}
		if p, err = readPin(ctx, tx, owner); err != nil {
			return err
		}
		if err := change(&p, now); err != nil {
			return err
		}
		if p.Hash == "" {
			_, err = tx.ExecContext(ctx, remove, owner)
		} else {
			_, err = tx.ExecContext(ctx, write, owner, p.Hash, p.Tries, nullTime(p.BlockedUntil))
		}
		return err
	})
	return p, err
}
