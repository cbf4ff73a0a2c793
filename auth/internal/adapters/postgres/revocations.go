package postgres

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"github.com/lib/pq"

	"github.com/loveapp/backend/auth/internal/domain"
)

const (
	endSessions = `UPDATE sessions SET ended_at = $2, end_reason = $3
	WHERE user_id = $1 AND ended_at IS NULL AND ($4 = '' OR id = NULLIF($4, '')::uuid) AND ($5 = '' OR id <> NULLIF($5, '')::uuid)
	RETURNING id`

	// commitDurably: a sign-out must survive the loss of this server. The wait
	// for a standby ends with the request's context, which cancels it.
	commitDurably = `SET LOCAL synchronous_commit = on`

	takeRevisions = `UPDATE revocation_head SET revision = revision + $1 RETURNING revision`

	insertRevocations = `INSERT INTO revocations (revision, session_id, user_id)
	SELECT $1 + n, id, $2 FROM unnest($3::uuid[]) WITH ORDINALITY AS ended (id, n)
	RETURNING revision, session_id, user_id, before, at`
)

type revocationRow struct {
	Revision int64          `db:"revision"`
	Session  sql.NullString `db:"session_id"`
	User     string         `db:"user_id"`
	Before   sql.NullTime   `db:"before"`
	At       time.Time      `db:"at"`
}

func (r revocationRow) revocation() domain.Revocation {
	item := domain.Revocation{Revision: r.Revision, Session: domain.SessionID(r.Session.String), User: domain.UserID(r.User), At: r.At.UTC()}
	if r.Before.Valid {
		item.Before = r.Before.Time.UTC()
	}
	return item
}

// EndSessions ends sessions and writes what the feed says of them.
func (t *tx) EndSessions(ctx context.Context, e domain.Ending) ([]domain.Revocation, error) {
	var ids []string
	err := t.SelectContext(ctx, &ids, endSessions, string(e.User), e.At, string(e.Reason), string(e.Only), string(e.Except))
	if err != nil {
		return nil, fmt.Errorf("end sessions: %w", err)
	}
	if len(ids) == 0 {
		return nil, nil
	}
	if _, err := t.ExecContext(ctx, commitDurably); err != nil {
		return nil, fmt.Errorf("ask for a durable commit: %w", err)
	}
	return t.revoke(ctx, e.User, ids)
}

func (t *tx) revoke(ctx context.Context, user domain.UserID, sessions []string) ([]domain.Revocation, error) {
	slices.Sort(sessions)
	var last int64
	if err := t.GetContext(ctx, &last, takeRevisions, len(sessions)); err != nil {
		return nil, fmt.Errorf("take revisions: %w", err)
	}
	var rows []revocationRow
	first := last - int64(len(sessions))
	if err := t.SelectContext(ctx, &rows, insertRevocations, first, string(user), pq.Array(sessions)); err != nil {
		return nil, fmt.Errorf("insert revocations: %w", err)
	}
	made := make([]domain.Revocation, 0, len(rows))
	for _, row := range rows {
		made = append(made, row.revocation())
	}
	return made, nil
}
