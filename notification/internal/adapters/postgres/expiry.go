package postgres

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"github.com/loveapp/backend/notification/internal/domain"
)

// Several instances do this at once: each takes what no other has taken. Then
// inboxes are locked in the order in which an intake locks them.
const (
	selectExpired = `SELECT user_id, seq FROM notifications
		WHERE expires_at <= now() AND deleted_at IS NULL ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED`
	removeExpired = `WITH removed AS (
			UPDATE notifications n SET deleted_at = now(), title = '', body = '', data = '{}'
			FROM unnest($1::uuid[], $2::bigint[]) AS e(user_id, seq)
			WHERE n.user_id = e.user_id AND n.seq = e.seq RETURNING n.user_id, n.read_at
		)
		UPDATE inboxes b SET unread = b.unread - r.entries
		FROM (SELECT user_id, count(*) AS entries FROM removed WHERE read_at IS NULL GROUP BY user_id) r
		WHERE b.user_id = r.user_id`
)

// Expire implements ports.Expiry.
func (s *Store) Expire(ctx context.Context, limit int) (expired int, err error) {
	err = s.db.Tx(ctx, func(tx *sqlx.Tx) error {
		var rows []struct {
			User domain.UserID `db:"user_id"`
			Seq  int64         `db:"seq"`
		}
		if err := tx.SelectContext(ctx, &rows, selectExpired, limit); err != nil {
			return fmt.Errorf("find expired notifications: %w", err)
		}
		expired = len(rows)
		if expired == 0 {
			return nil
		}
		var users pq.StringArray
		var seqs pq.Int64Array
		for _, r := range rows {
			users, seqs = append(users, string(r.User)), append(seqs, r.Seq)
		}
		if _, err := tx.ExecContext(ctx, lockInboxes, users); err != nil {
			return fmt.Errorf("lock inboxes: %w", err)
		}
		if _, err := tx.ExecContext(ctx, removeExpired, users, seqs); err != nil {
			return fmt.Errorf("remove expired notifications: %w", err)
		}
		return nil
	})
	return expired, err
}
