package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/loveapp/backend/shared/failpoint"
	shared "github.com/loveapp/backend/shared/postgres"
	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

// Update implements ports.Tickets.
func (s *Store) Update(ctx context.Context, id domain.TicketID, once ports.Repeatable, change func(*domain.Case, time.Time) error) (domain.Case, error) {
	var c *domain.Case
	err := s.db.Tx(ctx, func(tx *sqlx.Tx) (err error) {
		var now time.Time
		if c, now, err = lockCase(ctx, tx, id); err != nil {
			return err
		}
		repeated, err := answered(ctx, tx, once, nil)
		if err != nil || repeated {
			return err
		}
		if err := change(c, now); err != nil {
			return err
		}
		if err := save(ctx, tx, c, nil); err != nil {
			return err
		}
		err = remember(ctx, tx, once, struct{}{})
		failpoint.Reach(failpoint.BeforeCommit)
		return err
	})
	if err != nil {
		return domain.Case{}, openTicketExists(err)
	}
	failpoint.Reach(failpoint.AfterCommit)
	s.queued(len(c.Alerts()))
	return domain.Case{Ticket: c.Ticket, Helpers: c.Helpers}, nil
}

// lockCase also reads the clock: after the lock was taken, so that changes of
// one ticket are dated in the order in which they happen.
func lockCase(ctx context.Context, tx *sqlx.Tx, id domain.TicketID) (*domain.Case, time.Time, error) {
	const lock = `SELECT ` + ticketColumns + ` FROM tickets t WHERE t.id = $1 FOR UPDATE`
	return readCase(ctx, tx, lock, id)
}

// Ticket implements ports.Reading.
func (s *Store) Ticket(ctx context.Context, id domain.TicketID) (domain.Case, error) {
	const read = `SELECT ` + ticketColumns + ` FROM tickets t WHERE t.id = $1`
	c, _, err := readCase(ctx, s.db.Primary(), read, id)
	if err != nil {
		return domain.Case{}, shared.Classify(err)
	}
	return *c, nil
}

// reader is the database inside or outside of a transaction.
type reader interface {
	GetContext(ctx context.Context, dst any, query string, args ...any) error
}

// stillAgrees tells whether the helper h of ticket t is a contact of its reporter
// now: either side may have taken that back since.
const stillAgrees = `EXISTS (SELECT FROM contacts k WHERE k.owner_id = t.reporter_id AND k.user_id = h.user_id AND k.status = 'active')`

// readCase asks for the helpers apart: what a statement sees is from before it
// waited for a lock, and somebody may have joined meanwhile.
func readCase(ctx context.Context, q reader, query string, id domain.TicketID) (*domain.Case, time.Time, error) {
	const helpers = `
		SELECT clock_timestamp() AS now, ` + standingColumn + `, (
			SELECT json_agg(json_build_object('contactId', h.contact_id, 'userId', h.user_id, 'name', h.name, 'withdrawn', NOT ` + stillAgrees + `) ORDER BY h.position)
			FROM helpers h JOIN tickets t ON t.id = h.ticket_id WHERE h.ticket_id = $1) AS helpers`
	var row ticketRow
	if err := q.GetContext(ctx, &row, query, id); errors.Is(err, sql.ErrNoRows) {
		return nil, time.Time{}, domain.ErrTicketNotFound
	} else if err != nil {
		return nil, time.Time{}, fmt.Errorf("read ticket %s: %w", id, err)
	}
	var around struct {
		Now      time.Time `db:"now"`
		Standing []byte    `db:"standing"`
		Helpers  []byte    `db:"helpers"`
	}
	if err := q.GetContext(ctx, &around, helpers, id); err != nil {
		return nil, time.Time{}, fmt.Errorf("read the helpers of ticket %s: %w", id, err)
	}
	t, err := row.ticket()
	if err != nil {
		return nil, time.Time{}, err
	}
	standing, err := standingOf(around.Standing)
	if err != nil {
		return nil, time.Time{}, err
	}
	list, err := helpersFromJSON(around.Helpers)
	return &domain.Case{Ticket: t, Helpers: list, Standing: standing}, around.Now.UTC(), err
}
