package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	shared "github.com/loveapp/backend/shared/postgres"
	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

var _ ports.Calls = (*Store)(nil)

const callColumns = `k.id, k.ticket_id, k.started_by, k.state, k.provider_id, k.reason, k.created_at`

type callRow struct {
	ID        string    `db:"id"`
	Ticket    string    `db:"ticket_id"`
	By        string    `db:"started_by"`
	State     string    `db:"state"`
	Provider  string    `db:"provider_id"`
	Reason    string    `db:"reason"`
	CreatedAt time.Time `db:"created_at"`
}

func (r callRow) call() domain.PlacedCall {
	return domain.PlacedCall{
		ID: domain.CallID(r.ID), Ticket: domain.TicketID(r.Ticket), By: domain.UserID(r.By), State: domain.CallState(r.State),
		Provider: r.Provider, Reason: domain.CallRefusal(r.Reason), CreatedAt: r.CreatedAt.UTC(),
	}
}

// StartCall implements ports.Calls.
func (s *Store) StartCall(ctx context.Context, id domain.TicketID, start func(*domain.Case, []domain.PlacedCall, time.Time) (*domain.PlacedCall, error)) error {
	const known = `SELECT ` + callColumns + ` FROM calls k WHERE k.ticket_id = $1 ORDER BY k.created_at`
	const insert = `INSERT INTO calls (id, ticket_id, started_by, state, created_at) VALUES ($1, $2, $3, $4, $5)`
	alerts := 0
	err := s.db.Tx(ctx, func(tx *sqlx.Tx) error {
		c, now, err := lockCase(ctx, tx, id)
		if err != nil {
			return err
		}
		var rows []callRow
		if err := tx.SelectContext(ctx, &rows, known, id); err != nil {
			return fmt.Errorf("read the calls of ticket %s: %w", id, err)
		}
		calls := make([]domain.PlacedCall, 0, len(rows))
		for _, r := range rows {
			calls = append(calls, r.call())
		}
		call, err := start(c, calls, now)
		if err != nil || call == nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, insert, call.ID, id, call.By, string(call.State), call.CreatedAt); err != nil {
			return fmt.Errorf("store call %s: %w", call.ID, err)
		}
		alerts = len(c.Alerts())
		return save(ctx, tx, c, nil)
	})
	if err == nil {
		s.queued(alerts)
	}
	return err
}

// ClaimCalls implements ports.Calls. The lease is when the call is due again.
func (s *Store) ClaimCalls(ctx context.Context, limit int, lease time.Duration) ([]ports.ClaimedCall, error) {
	const claim = `
		UPDATE calls k SET attempts = k.attempts + 1, due_at = now() + make_interval(secs => $2)
		FROM (SELECT id FROM calls WHERE state = 'queued' AND due_at <= now() ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED) AS due
		WHERE k.id = due.id
		RETURNING ` + callColumns + `, k.attempts, extract(epoch FROM clock_timestamp() - k.created_at)::float8 AS age`
	var rows []struct {
		callRow
		Attempts int     `db:"attempts"`
		Age      float64 `db:"age"`
	}
	if err := s.db.Primary().SelectContext(ctx, &rows, claim, limit, lease.Seconds()); err != nil {
		return nil, shared.Classify(fmt.Errorf("claim calls: %w", err))
	}
	claimed := make([]ports.ClaimedCall, 0, len(rows))
	for _, r := range rows {
		claimed = append(claimed, ports.ClaimedCall{PlacedCall: r.call(), Attempt: r.Attempts, Age: time.Duration(r.Age * float64(time.Second))})
	}
	return claimed, nil
}

// PostponeCall implements ports.Calls.
func (s *Store) PostponeCall(ctx context.Context, id domain.CallID, after time.Duration) error {
	const postpone = `UPDATE calls SET due_at = now() + make_interval(secs => $2) WHERE id = $1 AND state = 'queued'`
	if _, err := s.db.Primary().ExecContext(ctx, postpone, id, after.Seconds()); err != nil {
		return shared.Classify(fmt.Errorf("postpone call %s: %w", id, err))
	}
	return nil
}

// ChangeCall implements ports.Calls. The ticket is locked first, as everywhere.
func (s *Store) ChangeCall(ctx context.Context, id domain.CallID, change func(*domain.Case, *domain.PlacedCall, time.Time) error) error {
	const whose = `SELECT ticket_id FROM calls WHERE id = $1`
	const lock = `SELECT ` + callColumns + ` FROM calls k WHERE k.id = $1 FOR UPDATE`
	const update = `UPDATE calls SET state = $2, provider_id = $3, reason = $4 WHERE id = $1`
	if uuid.Validate(string(id)) != nil {
		return domain.ErrCallNotFound
	}
	alerts := 0
	err := s.db.Tx(ctx, func(tx *sqlx.Tx) error {
		var ticket domain.TicketID
		if err := tx.GetContext(ctx, &ticket, whose, id); errors.Is(err, sql.ErrNoRows) {
			return domain.ErrCallNotFound
		} else if err != nil {
			return fmt.Errorf("find call %s: %w", id, err)
		}
		c, now, err := lockCase(ctx, tx, ticket)
		if err != nil {
			return err
		}
		var row callRow
		if err := tx.GetContext(ctx, &row, lock, id); err != nil {
			return fmt.Errorf("read call %s: %w", id, err)
		}
		call := row.call()
		if err := change(c, &call, now); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, update, id, string(call.State), call.Provider, string(call.Reason)); err != nil {
			return fmt.Errorf("store call %s: %w", id, err)
		}
		alerts = len(c.Alerts())
		return save(ctx, tx, c, nil)
	})
	if err == nil {
		s.queued(alerts)
	}
	return err
}
