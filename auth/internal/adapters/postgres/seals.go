package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/shared/postgres"
)

const (
	// trySealing: one copy seals at a time; the others have nothing to do.
	trySealing = `SELECT pg_try_advisory_xact_lock(hashtext('auth audit seals'))`

	selectLastSeal = `SELECT s.seal, s.horizon::text AS horizon, s.events, s.hash FROM audit_seals s ORDER BY s.seal DESC LIMIT 1`

	selectSeal = `SELECT s.seal, s.horizon::text AS horizon, s.events, s.hash FROM audit_seals s WHERE s.seal > $1 ORDER BY s.seal LIMIT 1`

	selectHorizon = `SELECT pg_snapshot_xmin(pg_current_snapshot())::text`

	selectPiece = `SELECT e.id, e.at, e.kind, e.user_id, coalesce(e.session_id::text, '') AS session_id, e.ip, e.user_agent, e.data::text AS data
	FROM audit_events e WHERE e.tx >= $1::xid8 AND e.tx < $2::xid8 ORDER BY e.tx, e.id`

	insertSeal = `INSERT INTO audit_seals (seal, horizon, events, hash) VALUES ($1, $2::xid8, $3, $4)`
)

// beginning is below every transaction.
const beginning = "0"

type sealRow struct {
	Number  int64  `db:"seal"`
	Horizon string `db:"horizon"`
	Events  int64  `db:"events"`
	Hash    string `db:"hash"`
}

type pieceRow struct {
	ID        string    `db:"id"`
	At        time.Time `db:"at"`
	Kind      string    `db:"kind"`
	User      string    `db:"user_id"`
	Session   string    `db:"session_id"`
	IP        string    `db:"ip"`
	UserAgent string    `db:"user_agent"`
	Data      string    `db:"data"`
}

// SealNext seals in one transaction.
func (s *Store) SealNext(ctx context.Context) (seal domain.Seal, sealed bool, err error) {
	err = s.db.Tx(ctx, func(t *sqlx.Tx) error {
		seal, sealed = domain.Seal{}, false
		var mine bool
		if err := t.GetContext(ctx, &mine, trySealing); err != nil || !mine {
			return err
		}
		var last sealRow
		if err := t.GetContext(ctx, &last, selectLastSeal); err != nil && !errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("read the last seal: %w", err)
		}
		var horizon string
		if err := t.GetContext(ctx, &horizon, selectHorizon); err != nil {
			return fmt.Errorf("read the horizon: %w", err)
		}
		if seal, err = piece(ctx, t, domain.Seal(last), horizon); err != nil || seal.Events == 0 {
			return err
		}
		sealed = true
		_, err := t.ExecContext(ctx, insertSeal, seal.Number, seal.Horizon, seal.Events, seal.Hash)
		return err
	})
	return seal, sealed && err == nil, postgres.Classify(err)
}

// piece hashes the events from the last seal's horizon up to the given one, row by row.
func piece(ctx context.Context, q sqlx.QueryerContext, last domain.Seal, horizon string) (domain.Seal, error) {
	from := last.Horizon
	if from == "" {
		from = beginning
	}
	rows, err := q.QueryxContext(ctx, selectPiece, from, horizon)
	if err != nil {
		return domain.Seal{}, fmt.Errorf("read the events of a seal: %w", err)
	}
	defer func() { _ = rows.Close() }()
	sealing := domain.NextSeal(last, horizon)
	for rows.Next() {
		var row pieceRow
		if err := rows.StructScan(&row); err != nil {
			return domain.Seal{}, fmt.Errorf("read an event of a seal: %w", err)
		}
		sealing.Add(row.event())
	}
	return sealing.Sum(), rows.Err()
}

func (r pieceRow) event() domain.SealedEvent {
	return domain.SealedEvent{ID: r.ID, At: r.At, Kind: r.Kind, User: r.User, Session: r.Session, IP: r.IP, UserAgent: r.UserAgent, Data: r.Data}
}

// Recompute reads a seal and its events in one snapshot.
func (s *Store) Recompute(ctx context.Context, last domain.Seal) (kept, now domain.Seal, more bool, err error) {
	err = s.db.Tx(ctx, func(t *sqlx.Tx) error {
		var row sealRow
		err := t.GetContext(ctx, &row, selectSeal, last.Number)
		if more = !errors.Is(err, sql.ErrNoRows); !more {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read a seal: %w", err)
		}
		kept = domain.Seal(row)
		now, err = piece(ctx, t, last, kept.Horizon)
		return err
	})
	return kept, now, more, postgres.Classify(err)
}
