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

	selectLastSeal = `SELECT s.seal, s.horizon::text AS horizon, s.events, s.hash, s.form FROM audit_seals s ORDER BY s.seal DESC LIMIT 1`

	selectSeal = `SELECT s.seal, s.horizon::text AS horizon, s.events, s.hash, s.form FROM audit_seals s WHERE s.seal > $1 ORDER BY s.seal LIMIT 1`

	selectHorizon = `SELECT pg_snapshot_xmin(pg_current_snapshot())::text`

	// partOrigins moves what copies of an older version have recorded meanwhile.
	partOrigins = `SELECT part_audit_origins($1::xid8)`

	selectPiece = `SELECT e.id, e.at, e.kind, e.user_id, coalesce(e.session_id::text, '') AS session_id, coalesce(o.ip, '') AS ip,
		coalesce(o.user_agent, '') AS user_agent, e.data::text AS data, e.origin, o.salt,
		CASE WHEN o.parted THEN o.ip ELSE e.ip END AS first_ip, CASE WHEN o.parted THEN o.user_agent ELSE e.user_agent END AS first_user_agent
	FROM ` + eventTables + ` WHERE e.tx >= $1::xid8 AND e.tx < $2::xid8 ORDER BY e.tx, e.id`

	insertSeal = `INSERT INTO audit_seals (seal, horizon, events, hash, form) VALUES ($1, $2::xid8, $3, $4, $5)`
)

// beginning is below every transaction.
const beginning = "0"

type sealRow struct {
	Number  int64  `db:"seal"`
	Horizon string `db:"horizon"`
	Events  int64  `db:"events"`
	Hash    string `db:"hash"`
	Form    int    `db:"form"`
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
	Origin    string    `db:"origin"`
	Salt      []byte    `db:"salt"`

	FirstIP        string `db:"first_ip"`
	FirstUserAgent string `db:"first_user_agent"`
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
		if _, err := t.ExecContext(ctx, partOrigins, horizon); err != nil {
			return fmt.Errorf("part origins from the record: %w", err)
		}
		found, err := piece(ctx, t, domain.Seal(last), domain.Seal{Horizon: horizon, Form: domain.SealForm})
		if seal = found.Now; err != nil || seal.Events == 0 {
			return err
		}
		sealed = true
		_, err = t.ExecContext(ctx, insertSeal, seal.Number, seal.Horizon, seal.Events, seal.Hash, seal.Form)
		return err
	})
	return seal, sealed && err == nil, postgres.Classify(err)
}

// Recompute reads a seal and its events in one snapshot.
func (s *Store) Recompute(ctx context.Context, last domain.Seal) (found domain.Recomputed, more bool, err error) {
	err = s.db.Tx(ctx, func(t *sqlx.Tx) error {
		var row sealRow
		err := t.GetContext(ctx, &row, selectSeal, last.Number)
		if more = !errors.Is(err, sql.ErrNoRows); !more {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read a seal: %w", err)
		}
		found, err = piece(ctx, t, last, domain.Seal(row))
		return err
	})
	return found, more, postgres.Classify(err)
}
