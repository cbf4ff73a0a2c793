package postgres

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/shared/postgres"
)

// An ack does not wait for the disk. There are more of them than of anything else,
// and one that a crash of the database loses costs a message that was seen already,
// sent once more by another channel. (set_config lasts until the statement's commit.)
const (
	unhurried = ` AND (SELECT set_config('synchronous_commit', 'off', true)) = 'off'`
	ackIDs    = `UPDATE notifications n SET acked_at = now() FROM unnest($1::uuid[], $2::uuid[]) AS shown (user_id, id)
		WHERE n.id = shown.id AND n.user_id = shown.user_id AND acked_at IS NULL AND deleted_at IS NULL` + unhurried
	ackThrough = `UPDATE notifications SET acked_at = now()
		WHERE user_id = $1 AND seq <= $2 AND acked_at IS NULL AND deleted_at IS NULL` + unhurried
)

// AckIDs implements ports.Acks. Two batches that meet go through the rows in
// one order, as far as the planner lets them; a deadlock with something else is tried again.
func (s *Store) AckIDs(ctx context.Context, acks []domain.Ack) error {
	acks = slices.SortedFunc(slices.Values(acks), func(a, b domain.Ack) int { return cmp.Compare(a.ID, b.ID) })
	users, ids := make(pq.StringArray, len(acks)), make(pq.StringArray, len(acks))
	for i, ack := range acks {
		users[i], ids[i] = string(ack.User), string(ack.ID)
	}
	return s.db.Tx(ctx, func(tx *sqlx.Tx) error {
		if _, err := tx.ExecContext(ctx, ackIDs, users, ids); err != nil {
			return fmt.Errorf("note %d acks: %w", len(acks), err)
		}
		return nil
	})
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
