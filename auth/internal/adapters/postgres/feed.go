package postgres

import (
	"context"
	"database/sql"
	"time"

	"github.com/loveapp/backend/auth/internal/domain"
)

// selectAfter reads head and items in one statement, hence of one snapshot:
// commits are in the order of revisions, so nothing up to head is missing.
const selectAfter = `SELECT h.revision AS head, r.revision, r.session_id, r.user_id, r.before, r.at
	FROM revocation_head h LEFT JOIN LATERAL (
		SELECT revision, session_id, user_id, before, at FROM revocations
		WHERE revision > $1 AND ($2 = 0 OR at > now() - $2 * interval '1 millisecond')
		ORDER BY revision LIMIT $3) r ON true
	ORDER BY r.revision`

type feedRow struct {
	Head     int64          `db:"head"`
	Revision sql.NullInt64  `db:"revision"`
	Session  sql.NullString `db:"session_id"`
	User     sql.NullString `db:"user_id"`
	Before   sql.NullTime   `db:"before"`
	At       sql.NullTime   `db:"at"`
}

// After reads the feed.
func (s *Store) After(ctx context.Context, after int64, maxAge time.Duration, limit int) (domain.RevocationPage, error) {
	var rows []feedRow
	if err := s.list(ctx, &rows, selectAfter, after, maxAge.Milliseconds(), limit+1); err != nil {
		return domain.RevocationPage{}, err
	}
	var page domain.RevocationPage
	for _, row := range rows {
		page.Revision = row.Head
		if row.Revision.Valid {
			page.Items = append(page.Items, revocationRow{row.Revision.Int64, row.Session, row.User.String, row.Before, row.At.Time}.revocation())
		}
	}
	if len(page.Items) > limit {
		page.Items, page.More = page.Items[:limit], true
		page.Revision = page.Items[limit-1].Revision
	}
	return page, nil
}
