package postgres

import (
	"context"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"github.com/loveapp/backend/sos/internal/ports"
)

// Forget implements ports.Memories.
func (s *Store) Forget(ctx context.Context, limits ports.Limits, limit int, digest func(string) []byte) (ports.Forgotten, error) {
	var done ports.Forgotten
	err := s.db.Tx(ctx, func(tx *sqlx.Tx) error {
		done = ports.Forgotten{}
		if ok, err := alone(ctx, tx, "forgetting"); err != nil || !ok {
			return err
		}
		var err error
		if done.Places, err = forgetPlaces(ctx, tx, limits.Place, limit); err != nil {
			return err
		}
		if done.Phones, err = forgetPhones(ctx, tx, limits.Phone, limit, digest); err != nil {
			return err
		}
		done.Answers, err = forgetAnswers(ctx, tx, limit)
		return err
	})
	return done, err
}

// forgetPlaces leaves a hundredth of a degree, and of a way its first fix in each such cell.
func forgetPlaces(ctx context.Context, tx *sqlx.Tx, kept time.Duration, limit int) (int, error) {
	const due = `
		SELECT id FROM tickets WHERE closed_at < now() - make_interval(secs => $1) AND coarse_at IS NULL
		ORDER BY closed_at LIMIT $2 FOR UPDATE SKIP LOCKED`
	var ids pq.StringArray
	if err := tx.SelectContext(ctx, (*[]string)(&ids), due, kept.Seconds(), limit); err != nil {
		return 0, fmt.Errorf("look for places to forget: %w", err)
	}
	return len(ids), coarsen(ctx, tx, ids)
}

func coarsen(ctx context.Context, tx *sqlx.Tx, ids pq.StringArray) error {
	if len(ids) == 0 {
		return nil
	}
	const forget = `
		WITH cells AS (
			SELECT ticket_id, at, row_number() OVER (PARTITION BY ticket_id, round(latitude::numeric, 2), round(longitude::numeric, 2) ORDER BY at) AS n
			FROM fixes WHERE ticket_id = ANY ($1::uuid[])
		), gone AS (
			DELETE FROM fixes f USING cells c WHERE f.ticket_id = c.ticket_id AND f.at = c.at AND c.n > 1
		), left_over AS (
			UPDATE fixes f SET latitude = round(latitude::numeric, 2), longitude = round(longitude::numeric, 2), measured = NULL
			FROM cells c WHERE f.ticket_id = c.ticket_id AND f.at = c.at AND c.n = 1
		), counted AS (
			UPDATE trails t SET fixes = (SELECT count(*) FROM cells c WHERE c.ticket_id = t.ticket_id AND c.n = 1) WHERE t.ticket_id = ANY ($1::uuid[])
		), letters AS (
			UPDATE outbox SET alert = alert - 'location' WHERE ticket_id = ANY ($1::uuid[]) AND jsonb_exists(alert, 'location')
		), logged AS (
			INSERT INTO forgotten (what, tickets) VALUES ('place', $1::uuid[])
		)
		UPDATE tickets SET coarse_at = now(), address = '', location = CASE WHEN location IS NOT NULL THEN jsonb_build_object(
			'latitude', round((location ->> 'latitude')::numeric, 2), 'longitude', round((location ->> 'longitude')::numeric, 2)) END
		WHERE id = ANY ($1::uuid[])`
	if _, err := tx.ExecContext(ctx, forget, ids); err != nil {
		return fmt.Errorf("forget places: %w", err)
	}
	return nil
}

type phoneRow struct {
	ID    string `db:"id"`
	Phone string `db:"guest_phone"`
}

type digestJSON struct {
	ID     string `json:"id"`
	Digest string `json:"digest"` // hexadecimal
}

func forgetPhones(ctx context.Context, tx *sqlx.Tx, kept time.Duration, limit int, digest func(string) []byte) (int, error) {
	const due = `
		SELECT id, guest_phone FROM tickets WHERE closed_at < now() - make_interval(secs => $1) AND guest_phone <> ''
		ORDER BY closed_at LIMIT $2 FOR UPDATE SKIP LOCKED`
	const forget = `
		WITH digests AS (
			SELECT d.id, decode(d.digest, 'hex') AS digest FROM jsonb_to_recordset($1::jsonb) AS d (id uuid, digest text)
		), logged AS (
			INSERT INTO forgotten (what, tickets) SELECT 'phone', array_agg(id) FROM digests
		)
		UPDATE tickets t SET guest_phone = '', guest_phone_digest = d.digest FROM digests d WHERE t.id = d.id`
	var rows []phoneRow
	if err := tx.SelectContext(ctx, &rows, due, kept.Seconds(), limit); err != nil {
		return 0, fmt.Errorf("look for numbers to forget: %w", err)
	}
	if len(rows) == 0 {
		return 0, nil
	}
	digests := make([]digestJSON, 0, len(rows))
	for _, r := range rows {
		digests = append(digests, digestJSON{r.ID, hex.EncodeToString(digest(r.Phone))})
	}
	doc, err := text(digests)
	if err != nil {
		return 0, fmt.Errorf("encode digests: %w", err)
	}
	if _, err := tx.ExecContext(ctx, forget, doc); err != nil {
		return 0, fmt.Errorf("forget numbers: %w", err)
	}
	return len(rows), nil
}
