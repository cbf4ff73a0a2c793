package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	shared "github.com/loveapp/backend/shared/postgres"
	"github.com/loveapp/backend/shared/token"
)

var _ token.Ledger = (*Store)(nil)

type revocationRow struct {
	Revision int64        `db:"revision"`
	Session  string       `db:"session_id"`
	User     string       `db:"user_id"`
	Before   sql.NullTime `db:"before"`
	At       time.Time    `db:"at"`
}

// Load implements token.Ledger.
func (s *Store) Load(ctx context.Context, retain time.Duration) (int64, []token.Revocation, error) {
	const reached = `SELECT revision FROM revocations_reached`
	const kept = `SELECT revision, session_id, user_id, before, at FROM revocations WHERE at > now() - make_interval(secs => $1)`
	var revision int64
	if err := s.db.Primary().GetContext(ctx, &revision, reached); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, nil, shared.Classify(fmt.Errorf("read how far revocations were kept: %w", err))
	}
	var rows []revocationRow
	if err := s.db.Primary().SelectContext(ctx, &rows, kept, retain.Seconds()); err != nil {
		return 0, nil, shared.Classify(fmt.Errorf("read revocations: %w", err))
	}
	items := make([]token.Revocation, 0, len(rows))
	for _, r := range rows {
		items = append(items, token.Revocation{Revision: r.Revision, SessionID: r.Session, UserID: r.User, Before: timeOf(r.Before), At: r.At.UTC()})
	}
	return revision, items, nil
}

// Keep implements token.Ledger. Every instance keeps the same list; whoever
// comes later finds it there.
func (s *Store) Keep(ctx context.Context, revision int64, items []token.Revocation) error {
	const insert = `
		INSERT INTO revocations (revision, session_id, user_id, before, at)
		SELECT "revision", "sessionId", "userId", "before", "at"
		FROM jsonb_to_recordset($1::jsonb) AS r ("revision" bigint, "sessionId" text, "userId" text, "before" timestamptz, "at" timestamptz)
		ON CONFLICT (revision, session_id, user_id) DO NOTHING`
	const reach = `INSERT INTO revocations_reached (revision) VALUES ($1) ON CONFLICT (one) DO UPDATE SET revision = excluded.revision`
	if items == nil {
		items = []token.Revocation{}
	}
	doc, err := text(items)
	if err != nil {
		return fmt.Errorf("encode revocations: %w", err)
	}
	return s.db.Tx(ctx, func(tx *sqlx.Tx) error {
		if _, err := tx.ExecContext(ctx, insert, doc); err != nil {
			return fmt.Errorf("keep revocations: %w", err)
		}
		_, err := tx.ExecContext(ctx, reach, revision)
		return err
	})
}
