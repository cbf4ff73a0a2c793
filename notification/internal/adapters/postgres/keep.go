package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/lib/pq"

	"github.com/loveapp/backend/notification/internal/ports"
	"github.com/loveapp/backend/shared/postgres"
)

// A row that is locked is being finished or claimed anew this moment, and is left out.
const (
	keepHops = `WITH held AS (
			SELECT h.notification_id FROM hops h JOIN unnest($1::uuid[], $2::uuid[]) AS c(lease, id) ON h.notification_id = c.id AND h.lease = c.lease
			FOR UPDATE OF h SKIP LOCKED
		)
		UPDATE hops h SET due_at = now() + make_interval(secs => $3) FROM held WHERE h.notification_id = held.notification_id
		RETURNING h.lease, h.notification_id AS id`
	keepDeliveries = `WITH held AS (
			SELECT d.id FROM deliveries d JOIN unnest($1::uuid[], $2::uuid[]) AS c(lease, id) ON d.id = c.id AND d.lease = c.lease
			WHERE d.state = 'waiting' FOR UPDATE OF d SKIP LOCKED
		)
		UPDATE deliveries d SET due_at = now() + make_interval(secs => $3) FROM held WHERE d.id = held.id
		RETURNING d.lease, d.id`
)

// KeepHops implements ports.Hops.
func (s *Store) KeepHops(ctx context.Context, held []ports.Held, lease time.Duration) ([]ports.Held, error) {
	return s.keep(ctx, keepHops, held, lease)
}

// KeepDeliveries implements ports.Deliveries.
func (s *Store) KeepDeliveries(ctx context.Context, held []ports.Held, lease time.Duration) ([]ports.Held, error) {
	return s.keep(ctx, keepDeliveries, held, lease)
}

func (s *Store) keep(ctx context.Context, statement string, held []ports.Held, lease time.Duration) ([]ports.Held, error) {
	leases, ids := make(pq.StringArray, len(held)), make(pq.StringArray, len(held))
	for i, h := range held {
		leases[i], ids[i] = h.Lease, h.ID
	}
	var rows []struct {
		Lease string `db:"lease"`
		ID    string `db:"id"`
	}
	if err := s.db.Primary().SelectContext(ctx, &rows, statement, leases, ids, lease.Seconds()); err != nil {
		return nil, postgres.Classify(fmt.Errorf("keep %d leases: %w", len(held), err))
	}
	kept := make([]ports.Held, len(rows))
	for i, r := range rows {
		kept[i] = ports.Held(r)
	}
	return kept, nil
}
