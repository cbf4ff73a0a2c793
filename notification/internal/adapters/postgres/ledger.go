package postgres

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"github.com/loveapp/backend/shared/postgres"
	"github.com/loveapp/backend/shared/token"
)

var _ token.Ledger = (*Ledger)(nil)

// Ledger keeps what auth has revoked, and takes out the devices of sessions that
// have ended: an end that nobody heard of at the time is heard of later.
type Ledger struct {
	db     *postgres.DB
	retain time.Duration
}

// NewLedger keeps each revocation for as long as tokens that it ends may live.
func NewLedger(db *postgres.DB, retain time.Duration) *Ledger { return &Ledger{db, retain} }

type revocationRow struct {
	Revision int64        `db:"revision"`
	Session  string       `db:"session_id"`
	User     string       `db:"user_id"`
	Before   sql.NullTime `db:"before"`
	At       time.Time    `db:"at"`
}

const (
	selectReached = `SELECT revision FROM revocations_reached`
	selectRevoked = `SELECT revision, session_id, user_id, before, at FROM revocations WHERE at > now() - make_interval(secs => $1)`
)

// Load implements token.Ledger.
func (l *Ledger) Load(ctx context.Context, retain time.Duration) (revision int64, items []token.Revocation, err error) {
	if err := l.db.Primary().GetContext(ctx, &revision, selectReached); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, nil, postgres.Classify(fmt.Errorf("read how far revocations were kept: %w", err))
	}
	var rows []revocationRow
	if err := l.db.Primary().SelectContext(ctx, &rows, selectRevoked, retain.Seconds()); err != nil {
		return 0, nil, postgres.Classify(fmt.Errorf("read revocations: %w", err))
	}
	for _, r := range rows {
		item := token.Revocation{Revision: r.Revision, SessionID: r.Session, UserID: r.User, At: r.At.UTC()}
		if r.Before.Valid {
			before := r.Before.Time.UTC()
			item.Before = &before
		}
		items = append(items, item)
	}
	return revision, items, nil
}

const (
	insertRevoked = `INSERT INTO revocations (revision, session_id, user_id, before, at)
		SELECT "revision", "sessionId", "userId", "before", "at"
		FROM jsonb_to_recordset($1::jsonb) AS r ("revision" bigint, "sessionId" text, "userId" text, "before" timestamptz, "at" timestamptz)
		ON CONFLICT DO NOTHING`
	reach         = `UPDATE revocations_reached SET revision = $1`
	forgetRevoked = `DELETE FROM revocations WHERE at < now() - make_interval(secs => $1)`
)

// Keep implements token.Ledger. Every instance keeps the same list; whoever
// comes later finds it there.
func (l *Ledger) Keep(ctx context.Context, revision int64, items []token.Revocation) error {
	if items == nil {
		items = []token.Revocation{}
	}
	document, err := json.Marshal(items)
	if err != nil {
		return fmt.Errorf("encode revocations: %w", err)
	}
	var sessions pq.StringArray
	for _, item := range items {
		if item.SessionID != "" {
			sessions = append(sessions, item.SessionID)
		}
	}
	return l.db.Tx(ctx, func(tx *sqlx.Tx) error {
		err := execute(ctx, tx,
			step{reach, []any{revision}}, // locks the row: see migration 0003
			step{insertRevoked, []any{string(document)}},
			step{forgetRevoked, []any{l.retain.Seconds()}},
		)
		if err != nil {
			return fmt.Errorf("keep revocations: %w", err)
		}
		_, err = removeOfSessions(ctx, tx, sessions)
		return err
	})
}
