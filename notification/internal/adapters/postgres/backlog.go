package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/lib/pq"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/shared/postgres"
)

const (
	selectNewest = `SELECT user_id, last_seq FROM inboxes WHERE user_id = ANY ($1::uuid[]) AND last_seq > 0`
	purgedNow    = `SELECT purged_through FROM inboxes WHERE user_id = $1`
	selectSince  = `SELECT ` + columns + `, coalesce((` + purgedNow + `), 0) AS purged FROM notifications n
		WHERE n.user_id = $1 AND n.seq > $2 AND n.seq <= $3 AND ` + visible + ` ORDER BY n.seq LIMIT $4`
)

// Newest implements ports.Backlog. It reads the primary: a replica that is
// behind would make a gap look filled.
func (s *Store) Newest(ctx context.Context, users []domain.UserID) ([]domain.Mark, error) {
	var rows []struct {
		User   domain.UserID `db:"user_id"`
		Newest domain.Seq    `db:"last_seq"`
	}
	if err := s.db.Primary().SelectContext(ctx, &rows, selectNewest, texts(users)); err != nil {
		return nil, postgres.Classify(fmt.Errorf("read the newest seqs of %d users: %w", len(users), err))
	}
	marks := make([]domain.Mark, len(rows))
	for i, r := range rows {
		marks[i] = domain.Mark(r)
	}
	return marks, nil
}

// Since implements ports.Backlog. Where nothing is left, up to where it was purged
// is read after that: a purge in between is not missed.
func (s *Store) Since(ctx context.Context, user domain.UserID, after, upTo domain.Seq, limit int) (domain.Backlog, error) {
	var rows []struct {
		row
		Purged domain.Seq `db:"purged"`
	}
	if err := s.db.Primary().SelectContext(ctx, &rows, selectSince, string(user), int64(after), int64(upTo), limit); err != nil {
		return domain.Backlog{}, postgres.Classify(fmt.Errorf("read what a socket has missed: %w", err))
	}
	backlog := domain.Backlog{Items: make([]domain.Notification, len(rows)), Through: upTo}
	for i, r := range rows {
		backlog.Items[i], backlog.Purged = r.notification(), r.Purged
	}
	if len(rows) == limit {
		backlog.Through = rows[limit-1].Seq
	}
	if len(rows) > 0 {
		return backlog, nil
	}
	err := s.db.Primary().GetContext(ctx, &backlog.Purged, purgedNow, string(user))
	if err != nil && !errors.Is(err, sql.ErrNoRows) { // without an inbox nothing was purged
		return domain.Backlog{}, postgres.Classify(fmt.Errorf("read up to where an inbox was purged: %w", err))
	}
	return backlog, nil
}

func texts[T ~string](ids []T) pq.StringArray {
	array := make(pq.StringArray, len(ids))
	for i, id := range ids {
		array[i] = string(id)
	}
	return array
}
