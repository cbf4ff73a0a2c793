package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/lib/pq"

	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/shared/tracing"
)

const (
	// deleteUser takes sessions, tokens and messages along.
	deleteUser     = `DELETE FROM users WHERE id = $1`
	deleteOrders   = `DELETE FROM orders WHERE user_id = $1`
	deleteOrigins  = `DELETE FROM audit_origins WHERE person = $1`
	insertErasures = `INSERT INTO erasures (user_id, service, trace) SELECT $1, service, $3 FROM unnest($2::text[]) AS ordered (service) ON CONFLICT DO NOTHING`
)

// EraseAccount deletes what is held here and orders the rest.
func (t *tx) EraseAccount(ctx context.Context, id domain.UserID, services []string) error {
	for _, statement := range []string{deleteUser, deleteOrders, deleteOrigins} {
		if _, err := t.ExecContext(ctx, statement, string(id)); err != nil {
			return fmt.Errorf("erase account: %w", err)
		}
	}
	if _, err := t.ExecContext(ctx, insertErasures, string(id), pq.Array(services), tracing.Carried(ctx)); err != nil {
		return fmt.Errorf("order erasures: %w", err)
	}
	return nil
}

const selectDeparted = `SELECT id FROM users WHERE delete_after <= $1 ORDER BY delete_after, id LIMIT $2`

// Departed is answered by the index users_who_leave.
func (s *Store) Departed(ctx context.Context, now time.Time, limit int) (ids []domain.UserID, err error) {
	err = s.list(ctx, &ids, selectDeparted, now, limit)
	return ids, err
}

const leaseErasures = `UPDATE erasures e SET tries = e.tries + 1, due_at = now() + $1 * interval '1 millisecond'
	FROM (SELECT user_id, service FROM erasures WHERE due_at <= now() ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED) due
	WHERE e.user_id = due.user_id AND e.service = due.service
	RETURNING e.user_id, e.service, e.tries, e.trace`

// DueErasures leases orders.
func (s *Store) DueErasures(ctx context.Context, lease time.Duration, limit int) ([]domain.Erasure, error) {
	var rows []struct {
		User    string `db:"user_id"`
		Service string `db:"service"`
		Tries   int    `db:"tries"`
		Trace   string `db:"trace"`
	}
	if err := s.list(ctx, &rows, leaseErasures, lease.Milliseconds(), limit); err != nil {
		return nil, err
	}
	due := make([]domain.Erasure, 0, len(rows))
	for _, r := range rows {
		due = append(due, domain.Erasure{User: domain.UserID(r.User), Service: r.Service, Tries: r.Tries, Trace: r.Trace})
	}
	return due, nil
}

const (
	deleteErasure = `DELETE FROM erasures WHERE user_id = $1 AND service = $2`
	delayErasure  = `UPDATE erasures SET due_at = now() + $3 * interval '1 millisecond' WHERE user_id = $1 AND service = $2`
)

// Erased forgets an order.
func (s *Store) Erased(ctx context.Context, e domain.Erasure) error {
	return s.exec(ctx, deleteErasure, string(e.User), e.Service)
}

// EraseLater puts an order off.
func (s *Store) EraseLater(ctx context.Context, e domain.Erasure, pause time.Duration) error {
	return s.exec(ctx, delayErasure, string(e.User), e.Service, pause.Milliseconds())
}
