package postgres

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// Two that meet go through the rows in one order. No inbox is locked: nothing is
// counted anew.
const forgetPlaces = `WITH shown AS (
		SELECT n.user_id, n.seq FROM notifications n
		WHERE n.category = 'sos' AND n.data ? 'location' AND n.data ->> 'ticketId' = ANY ($1::text[])
		ORDER BY n.user_id, n.seq FOR UPDATE
	)
	UPDATE notifications n SET data = n.data - 'location' FROM shown s WHERE n.user_id = s.user_id AND n.seq = s.seq`

// ForgetPlaces implements ports.Places.
func (s *Store) ForgetPlaces(ctx context.Context, tickets []string) error {
	return s.db.Tx(ctx, func(tx *sqlx.Tx) error {
		if _, err := tx.ExecContext(ctx, forgetPlaces, pq.StringArray(tickets)); err != nil {
			return fmt.Errorf("forget the places of %d tickets: %w", len(tickets), err)
		}
		return nil
	})
}
