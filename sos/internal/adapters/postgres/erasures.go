package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

var _ ports.Erasures = (*Store)(nil)

// Erase implements ports.Erasures.
func (s *Store) Erase(ctx context.Context, user domain.UserID) (former []domain.Contact, err error) {
	const note = `INSERT INTO erasures (user_id) VALUES ($1) ON CONFLICT (user_id) DO NOTHING`
	const withdraw = `
		WITH was AS (
			SELECT id FROM contacts WHERE user_id = $1 ORDER BY id FOR UPDATE
		)
		UPDATE contacts c SET status = 'declined', user_id = '', updated_at = now() FROM was WHERE c.id = was.id
		RETURNING c.id, c.owner_id`
	err = s.db.Tx(ctx, func(tx *sqlx.Tx) error {
		former = nil
		if _, err := tx.ExecContext(ctx, note, user); err != nil {
			return fmt.Errorf("note an erasure: %w", err)
		}
		var rows []struct {
			ID    domain.ContactID `db:"id"`
			Owner domain.UserID    `db:"owner_id"`
		}
		if err := tx.SelectContext(ctx, &rows, withdraw, user); err != nil {
			return fmt.Errorf("take a user out of the books of others: %w", err)
		}
		for _, r := range rows {
			former = append(former, domain.Contact{ID: r.ID, Owner: r.Owner, User: user})
		}
		return nil
	})
	return former, err
}

// FinishErasure implements ports.Erasures.
func (s *Store) FinishErasure(ctx context.Context, quiet time.Duration) (done bool, err error) {
	const next = `
		SELECT user_id FROM erasures e WHERE done_at IS NULL AND NOT EXISTS (
			SELECT FROM tickets t WHERE t.reporter_id = e.user_id AND (t.closed_at IS NULL OR t.closed_at > now() - make_interval(secs => $1)))
		ORDER BY asked_at LIMIT 1 FOR UPDATE SKIP LOCKED`
	err = s.db.Tx(ctx, func(tx *sqlx.Tx) error {
		var user string
		done = false
		if err := tx.GetContext(ctx, &user, next, quiet.Seconds()); errors.Is(err, sql.ErrNoRows) {
			return nil
		} else if err != nil {
			return fmt.Errorf("look for whom to erase: %w", err)
		}
		done = true
		return forgetUser(ctx, tx, user)
	})
	return done && err == nil, err
}

// forgetUser takes everything that names the user, the sealed timelines excepted.
func forgetUser(ctx context.Context, tx *sqlx.Tx, user string) error {
	const places = `SELECT id FROM tickets WHERE reporter_id = $1 AND coarse_at IS NULL ORDER BY id FOR UPDATE`
	var ids pq.StringArray
	if err := tx.SelectContext(ctx, (*[]string)(&ids), places, user); err != nil {
		return fmt.Errorf("find the tickets of a user: %w", err)
	}
	if err := coarsen(ctx, tx, ids); err != nil {
		return err
	}
	for _, statement := range []string{
		`UPDATE tickets SET reporter_name = '', description = '', address = '', guest_phone = '', guest_address = '', guest_phone_digest = NULL WHERE reporter_id = $1`,
		`UPDATE outbox o SET alert = o.alert - 'reporterName' FROM tickets t WHERE t.id = o.ticket_id AND t.reporter_id = $1`,
		`DELETE FROM shares s USING tickets t WHERE t.id = s.ticket_id AND t.reporter_id = $1`,
		`DELETE FROM contact_tests WHERE owner_id = $1`,
		`DELETE FROM invitations WHERE owner_id = $1`,
		`DELETE FROM contacts WHERE owner_id = $1`,
		`DELETE FROM answers WHERE caller = $1`,
		`DELETE FROM pins WHERE user_id = $1`,
		`DELETE FROM people WHERE user_id = $1`,
		`UPDATE erasures SET done_at = now() WHERE user_id = $1`,
	} {
		if _, err := tx.ExecContext(ctx, statement, user); err != nil {
			return fmt.Errorf("erase a user: %w", err)
		}
	}
	return nil
}
