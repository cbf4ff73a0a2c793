package postgres

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"github.com/loveapp/backend/notification/internal/domain"
)

// The inbox is locked first, as an intake locks it: what comes meanwhile comes
// afterwards, and finds it erased. Hops go before deliveries, as a step writes them.
const (
	eraseHops = `DELETE FROM hops h USING notifications n WHERE n.user_id = $1 AND h.notification_id = n.id`
	eraseLog  = `DELETE FROM deliveries WHERE user_id = $1`
	// eraseShare: an announcement stands in one inbox less.
	eraseShare = `UPDATE announcements a SET gone = gone + 1 FROM notifications n WHERE n.user_id = $1 AND n.event_id = a.id::text`
	// eraseInbox leaves nothing to count and nothing to ask for.
	eraseInbox    = `DELETE FROM notifications WHERE user_id = $1`
	closeInbox    = `UPDATE inboxes SET unread = 0, purged_through = last_seq, erased_at = coalesce(erased_at, now()) WHERE user_id = $1`
	eraseSchedule = `UPDATE schedules SET draft = jsonb_set(draft, '{users}', (draft -> 'users') - $1::text) #- ARRAY['reads', $1::text]
		WHERE draft -> 'users' ? $1::text`
)

// Erase implements ports.Erasure.
func (s *Store) Erase(ctx context.Context, user domain.UserID) error {
	return s.db.Tx(ctx, func(tx *sqlx.Tx) error {
		users := pq.StringArray{string(user)}
		err := execute(ctx, tx,
			step{makeInboxes, []any{users}}, step{lockInboxes, []any{users}},
			step{eraseHops, []any{string(user)}}, step{eraseLog, []any{string(user)}},
			step{eraseShare, []any{string(user)}}, step{eraseInbox, []any{string(user)}}, step{closeInbox, []any{string(user)}},
			step{eraseSchedule, []any{string(user)}},
		)
		if err != nil {
			return fmt.Errorf("erase user %s: %w", user, err)
		}
		return nil
	})
}
