package postgres

import (
	"context"
	"fmt"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/shared/postgres"
)

// An ack does not wait for the disk. There are more of them than of anything else,
// and one that a crash of the database loses costs a message that was seen already,
// sent once more by another channel. (set_config lasts until the statement's commit.)
const (
	unhurried = ` AND (SELECT set_config('synchronous_commit', 'off', true)) = 'off'`
	ackIDs    = `UPDATE notifications SET acked_at = now()
		WHERE user_id = $1 AND id = ANY ($2::uuid[]) AND acked_at IS NULL AND deleted_at IS NULL` + unhurried
	ackThrough = `UPDATE notifications SET acked_at = now()
		WHERE user_id = $1 AND seq <= $2 AND acked_at IS NULL AND deleted_at IS NULL` + unhurried
)

// AckIDs implements ports.Acks.
func (s *Store) AckIDs(ctx context.Context, user domain.UserID, ids []domain.NotificationID) error {
	return s.exec(ctx, "note an ack", ackIDs, string(user), texts(ids))
}

// AckThrough implements ports.Acks.
func (s *Store) AckThrough(ctx context.Context, user domain.UserID, seq domain.Seq) error {
	return s.exec(ctx, "note an ack", ackThrough, string(user), int64(seq))
}

func (s *Store) exec(ctx context.Context, doing, statement string, args ...any) error {
	if _, err := s.db.Primary().ExecContext(ctx, statement, args...); err != nil {
		return postgres.Classify(fmt.Errorf("%s: %w", doing, err))
	}
	return nil
}
