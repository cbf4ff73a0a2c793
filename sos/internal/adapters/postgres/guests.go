package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

// ClaimTickets implements ports.Guests.
func (s *Store) ClaimTickets(ctx context.Context, guest, user domain.UserID, claim func(*domain.Case, time.Time) error) (int, error) {
	// In the order of the names, so that two claims never wait for each other.
	const turns = `SELECT pg_advisory_xact_lock(hashtextextended('sos.press ' || who, 0)) FROM unnest($1::text[]) AS who`
	const find = `SELECT id FROM tickets WHERE reporter_id = $1 ORDER BY closed_at IS NULL DESC, created_at DESC LIMIT $2`
	claimed := 0
	err := s.db.Tx(ctx, func(tx *sqlx.Tx) error {
		if _, err := tx.ExecContext(ctx, turns, pq.StringArray{string(min(guest, user)), string(max(guest, user))}); err != nil {
			return fmt.Errorf("wait for the turns of a claim: %w", err)
		}
		var ids []domain.TicketID
		if err := tx.SelectContext(ctx, &ids, find, guest, ports.MaxClaims); err != nil {
			return fmt.Errorf("find what is claimed: %w", err)
		}
		for _, id := range ids {
			if err := claimOne(ctx, tx, id, claim); err != nil {
				return err
			}
		}
		claimed = len(ids)
		return nil
	})
	if err != nil {
		return 0, openTicketExists(err)
	}
	return claimed, nil
}

func claimOne(ctx context.Context, tx *sqlx.Tx, id domain.TicketID, claim func(*domain.Case, time.Time) error) error {
	const hand = `UPDATE tickets SET reporter_id = $2, reporter_name = $3 WHERE id = $1`
	c, now, err := lockCase(ctx, tx, id)
	if err != nil {
		return err
	}
	if err := claim(c, now); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, hand, id, c.Ticket.Reporter.ID, c.Ticket.Reporter.Name); err != nil {
		return fmt.Errorf("hand ticket %s over: %w", id, err)
	}
	return save(ctx, tx, c, nil)
}
