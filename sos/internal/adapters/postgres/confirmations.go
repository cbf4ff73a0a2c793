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
func (c *Confirmations) Confirm(ctx context.Context, presses []domain.PressID, changes ...domain.Change) (ports.Confirmed, error) {
	// Only what writes waits for the standbys. Rows that are a day old go
	// with it: nobody asks for them, and no lock is waited for.
	const confirm = `
		WITH old AS (
			SELECT ctid FROM confirmations WHERE at < now() - interval '1 day' ORDER BY at LIMIT 1000 FOR UPDATE SKIP LOCKED
		), gone AS (
			DELETE FROM confirmations WHERE ctid = ANY (ARRAY(SELECT ctid FROM old))
		)
		INSERT INTO confirmations (ticket_id)
		SELECT ticket_id FROM presses WHERE id = ANY ($1::uuid[])
		UNION ALL
		SELECT c.ticket_id FROM unnest($2::uuid[], $3::integer[]) AS c (ticket_id, version) JOIN tickets t ON t.id = c.ticket_id AND t.version >= c.version`
	failpoint.Reach(failpoint.BeforeConfirm)
	tickets, versions := columnsOf(changes)
	result, replicated, err := c.durable.ExecContext(ctx, confirm, idsOf(presses), tickets, versions)
	if err != nil {
		return ports.Confirmed{}, shared.Classify(fmt.Errorf("wait for the standbys: %w", err))
	}
	failpoint.Reach(failpoint.AfterConfirm)
	if n, err := result.RowsAffected(); err == nil && n == int64(len(presses)+len(changes)) {
		return ports.Confirmed{Replicated: replicated, Stored: presses, Kept: changes}, nil
	}
	stored, err := c.stored(ctx, presses)
	if err != nil {
		return ports.Confirmed{}, err
	}
	kept, err := c.kept(ctx, changes)
	return ports.Confirmed{Replicated: replicated, Stored: stored, Kept: kept}, err
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

// kept is asked for a batch that was not complete, too.
func (c *Confirmations) kept(ctx context.Context, changes []domain.Change) ([]domain.Change, error) {
	const read = `SELECT id, version FROM tickets WHERE id = ANY ($1::uuid[])`
	tickets, _ := columnsOf(changes)
	var rows []struct {
		ID      domain.TicketID `db:"id"`
		Version int             `db:"version"`
	}
	if err := c.db.Primary().SelectContext(ctx, &rows, read, tickets); err != nil {
		return nil, shared.Classify(fmt.Errorf("look for changes: %w", err))
	}
	reached := make(map[domain.TicketID]int, len(rows))
	for _, row := range rows {
		reached[row.ID] = row.Version
	}
	var kept []domain.Change
	for _, change := range changes {
		if reached[change.Ticket] >= change.Version {
			kept = append(kept, change)
		}
	}
	return kept, nil
}

func columnsOf(changes []domain.Change) (tickets pq.StringArray, versions pq.Int64Array) {
	tickets, versions = make(pq.StringArray, len(changes)), make(pq.Int64Array, len(changes))
	for i, change := range changes {
		tickets[i], versions[i] = string(change.Ticket), int64(change.Version)
	}
	return tickets, versions
}

func idsOf(presses []domain.PressID) pq.StringArray {
	ids := make(pq.StringArray, len(presses))
	for i, id := range presses {
		ids[i] = string(id)
	}
	return ids
}
