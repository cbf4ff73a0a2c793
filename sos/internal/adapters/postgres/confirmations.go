package postgres

import (
	"context"
	"fmt"

	"github.com/lib/pq"

	"github.com/loveapp/backend/shared/failpoint"
	shared "github.com/loveapp/backend/shared/postgres"
	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

// Confirmations is a connection of its own: what it commits waits for the
// standbys, and with it whatever was committed before.
type Confirmations struct {
	db      *shared.DB
	durable *shared.Durable
}

var _ ports.Confirmations = (*Confirmations)(nil)

// NewConfirmations connects at its first use. Close before db.
func NewConfirmations(db *shared.DB) *Confirmations {
	return &Confirmations{db: db, durable: db.Durable()}
}

// Close gives the connection up.
func (c *Confirmations) Close() error { return c.durable.Close() }

// HasStandbys implements ports.Confirmations.
func (c *Confirmations) HasStandbys(ctx context.Context) (bool, error) { return c.db.HasStandbys(ctx) }

// Confirm implements ports.Confirmations. The press is looked for and not the
// ticket: one that had joined an earlier ticket can be lost without it.
func (c *Confirmations) Confirm(ctx context.Context, presses []domain.PressID) (ports.Confirmed, error) {
	// Only what writes waits for the standbys. Rows that are a day old go
	// with it: nobody asks for them, and no lock is waited for.
	const confirm = `
		WITH old AS (
			SELECT ctid FROM confirmations WHERE at < now() - interval '1 day' ORDER BY at LIMIT 1000 FOR UPDATE SKIP LOCKED
		), gone AS (
			DELETE FROM confirmations WHERE ctid = ANY (ARRAY(SELECT ctid FROM old))
		)
		INSERT INTO confirmations (ticket_id) SELECT ticket_id FROM presses WHERE id = ANY ($1::uuid[])`
	failpoint.Reach(failpoint.BeforeConfirm)
	result, replicated, err := c.durable.ExecContext(ctx, confirm, idsOf(presses))
	if err != nil {
		return ports.Confirmed{}, shared.Classify(fmt.Errorf("wait for the standbys: %w", err))
	}
	failpoint.Reach(failpoint.AfterConfirm)
	if n, err := result.RowsAffected(); err == nil && n == int64(len(presses)) {
		return ports.Confirmed{Replicated: replicated, Stored: presses}, nil
	}
	stored, err := c.stored(ctx, presses)
	return ports.Confirmed{Replicated: replicated, Stored: stored}, err
}

// stored is asked for the rare batch that was not complete.
func (c *Confirmations) stored(ctx context.Context, presses []domain.PressID) ([]domain.PressID, error) {
	const stored = `SELECT id FROM presses WHERE id = ANY ($1::uuid[])`
	var found []domain.PressID
	if err := c.db.Primary().SelectContext(ctx, &found, stored, idsOf(presses)); err != nil {
		return nil, shared.Classify(fmt.Errorf("look for presses: %w", err))
	}
	return found, nil
}

func idsOf(presses []domain.PressID) pq.StringArray {
	ids := make(pq.StringArray, len(presses))
	for i, id := range presses {
		ids[i] = string(id)
	}
	return ids
}
