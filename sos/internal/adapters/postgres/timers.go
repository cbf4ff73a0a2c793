package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"github.com/loveapp/backend/shared/failpoint"
	shared "github.com/loveapp/backend/shared/postgres"
	"github.com/loveapp/backend/shared/tracing"
	"github.com/loveapp/backend/sos/internal/domain"
)

// Fire implements ports.Timers.
func (s *Store) Fire(ctx context.Context, aside []domain.TicketID, end func(*domain.Case, time.Time) error) (domain.TicketID, error) {
	// The timer is locked, too, or one that another process has just ended would
	// still be seen here: only rows that are locked are looked at again.
	const due = `
		SELECT m.ticket_id, m.trace FROM timers m JOIN tickets t ON t.id = m.ticket_id
		WHERE m.due_at <= now() AND m.ticket_id <> ALL ($1::uuid[])
		ORDER BY m.due_at LIMIT 1 FOR UPDATE OF t, m SKIP LOCKED`
	not := make(pq.StringArray, 0, len(aside))
	for _, id := range aside {
		not = append(not, string(id))
	}
	var id domain.TicketID
	alerts := 0
	err := s.db.Tx(ctx, func(tx *sqlx.Tx) error {
		id, alerts = "", 0
		var row struct {
			ID    domain.TicketID `db:"ticket_id"`
			Trace string          `db:"trace"`
		}
		if err := tx.GetContext(ctx, &row, due, not); errors.Is(err, sql.ErrNoRows) {
			return nil
		} else if err != nil {
			return fmt.Errorf("look for timers that are due: %w", err)
		}
		id = row.ID
		c, now, err := lockCase(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := end(c, now); err != nil {
			return fmt.Errorf("timer of ticket %s: %w", id, err)
		}
		alerts = len(c.Alerts())
		store := saveEffects // of nothing: the row was not what the ticket says, and is again
		if c.Changed() {
			store = save
		}
		if err := store(tracing.Carry(ctx, row.Trace), tx, c, nil); err != nil {
			return err
		}
		failpoint.Reach(failpoint.BeforeTimer)
		return nil
	})
	if err != nil {
		return id, shared.Classify(err)
	}
	if id != "" {
		failpoint.Reach(failpoint.AfterTimer)
	}
	s.queued(alerts)
	return id, nil
}
