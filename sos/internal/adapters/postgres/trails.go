package postgres

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	shared "github.com/loveapp/backend/shared/postgres"
	"github.com/loveapp/backend/sos/internal/domain"
)

// fixJSON is a row of fixes on its way in.
type fixJSON struct {
	At         time.Time `json:"at"`
	ReceivedAt time.Time `json:"receivedAt"`
	Latitude   float64   `json:"latitude"`
	Longitude  float64   `json:"longitude"`
	Measured   *sideJSON `json:"measured"`
	Known      bool      `json:"known"`
}

// sideJSON is what a device said beside the place.
type sideJSON struct {
	Accuracy   *float64   `json:"accuracy,omitempty"`
	Altitude   *float64   `json:"altitude,omitempty"`
	Speed      *float64   `json:"speed,omitempty"`
	Heading    *float64   `json:"heading,omitempty"`
	Battery    *float64   `json:"battery,omitempty"`
	Source     string     `json:"source,omitempty"`
	CapturedAt *time.Time `json:"capturedAt,omitempty"`
}

func fixOf(f domain.Fix, known bool) fixJSON {
	l := f.Location
	return fixJSON{f.At, f.ReceivedAt, l.Latitude, l.Longitude, &sideJSON{l.Accuracy, l.Altitude, l.Speed, l.Heading, l.Battery, l.Source, l.CapturedAt}, known}
}

// Track implements ports.Trails.
func (s *Store) Track(ctx context.Context, id domain.TicketID, take func(*domain.Case, time.Time, time.Time) (domain.Tracked, error)) (int, error) {
	added := 0
	err := s.db.Tx(ctx, func(tx *sqlx.Tx) error {
		c, now, err := lockCase(ctx, tx, id)
		if err != nil {
			return err
		}
		newest, err := newestFix(ctx, tx, id)
		if err != nil {
			return err
		}
		tracked, err := take(c, newest, now)
		if err != nil {
			return err
		}
		added, err = keepFixes(ctx, tx, c.Ticket, tracked)
		return err
	})
	return added, err
}

func newestFix(ctx context.Context, tx *sqlx.Tx, id domain.TicketID) (time.Time, error) {
	const read = `SELECT newest_at FROM trails WHERE ticket_id = $1`
	var newest time.Time
	if err := tx.GetContext(ctx, &newest, read, id); errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, nil
	} else if err != nil {
		return time.Time{}, fmt.Errorf("read the trail of %s: %w", id, err)
	}
	return newest.UTC(), nil
}

// keepFixes stores a batch in one statement and thins the trail where that made it too long.
func keepFixes(ctx context.Context, tx *sqlx.Tx, t domain.Ticket, tracked domain.Tracked) (int, error) {
	const insert = `
		WITH batch AS (
			SELECT f.at, f."receivedAt" AS received_at, f.latitude, f.longitude, f.measured, f.known
			FROM jsonb_to_recordset($2::jsonb) AS f (at timestamptz, "receivedAt" timestamptz, latitude double precision, longitude double precision,
				measured jsonb, known boolean)
		), fresh AS (
			INSERT INTO fixes (ticket_id, at, received_at, latitude, longitude, measured)
			SELECT $1::uuid, at, received_at, latitude, longitude, measured FROM batch ORDER BY known DESC, at
			ON CONFLICT (ticket_id, at) DO NOTHING RETURNING at
		), moved AS (
			UPDATE tickets SET location = $4::jsonb WHERE id = $1::uuid AND $5
		), counted AS (
			INSERT INTO trails AS t (ticket_id, fixes, newest_at) SELECT $1::uuid, (SELECT count(*) FROM fresh), $3
			ON CONFLICT (ticket_id) DO UPDATE SET fixes = t.fixes + excluded.fixes, newest_at = excluded.newest_at
			RETURNING fixes
		)
		SELECT (SELECT count(*) FROM fresh WHERE at NOT IN (SELECT at FROM batch WHERE known)) AS added, (SELECT fixes FROM counted) AS total`
	rows := make([]fixJSON, 0, len(tracked.Fixes)+1)
	if tracked.Known != nil {
		rows = append(rows, fixOf(*tracked.Known, true))
	}
	for _, f := range tracked.Fixes {
		rows = append(rows, fixOf(f, false))
	}
	if len(rows) == 0 {
		return 0, nil
	}
	batch, err := text(rows)
	if err != nil {
		return 0, fmt.Errorf("encode fixes: %w", err)
	}
	location, err := locationText(t.Location)
	if err != nil {
		return 0, fmt.Errorf("encode the place of ticket %s: %w", t.ID, err)
	}
	var counts struct {
		Added int `db:"added"`
		Total int `db:"total"`
	}
	if err := tx.GetContext(ctx, &counts, insert, t.ID, batch, tracked.Newest, location, tracked.Moved); err != nil {
		return 0, fmt.Errorf("keep fixes of ticket %s: %w", t.ID, err)
	}
	if counts.Total > domain.MaxTrail {
		return counts.Added, thinTrail(ctx, tx, t.ID)
	}
	return counts.Added, nil
}

func thinTrail(ctx context.Context, tx *sqlx.Tx, id domain.TicketID) error {
	const thin = `
		WITH numbered AS (
			SELECT at, row_number() OVER (ORDER BY at) AS n, count(*) OVER () AS total FROM fixes WHERE ticket_id = $1
		), gone AS (
			DELETE FROM fixes f USING numbered r WHERE f.ticket_id = $1 AND f.at = r.at AND r.n % 2 = 0 AND r.n <= r.total - $2
			RETURNING 1
		)
		UPDATE trails SET fixes = fixes - (SELECT count(*) FROM gone) WHERE ticket_id = $1`
	if _, err := tx.ExecContext(ctx, thin, id, domain.KeptWhole); err != nil {
		return fmt.Errorf("thin the trail of %s: %w", id, err)
	}
	return nil
}

type fixRow struct {
	At         time.Time `db:"at"`
	ReceivedAt time.Time `db:"received_at"`
	Latitude   float64   `db:"latitude"`
	Longitude  float64   `db:"longitude"`
	Measured   []byte    `db:"measured"`
	Total      int       `db:"total"`
}

// Trail implements ports.Trails.
func (s *Store) Trail(ctx context.Context, id domain.TicketID, limit int) ([]domain.Fix, int, error) {
	// The k-th of limit fixes is the one with the number 1 + k*(total-1)/(limit-1).
	const read = `
		WITH numbered AS (
			SELECT at, received_at, latitude, longitude, measured, row_number() OVER (ORDER BY at) AS n, count(*) OVER () AS total
			FROM fixes WHERE ticket_id = $1
		)
		SELECT at, received_at, latitude, longitude, measured, total FROM numbered
		WHERE total <= $2 OR n IN (SELECT 1 + k * (total - 1) / ($2 - 1) FROM generate_series(0, $2 - 1) AS k) ORDER BY at`
	var rows []fixRow
	if err := s.db.Reader().SelectContext(ctx, &rows, read, id, limit); err != nil {
		return nil, 0, shared.Classify(fmt.Errorf("read the trail of %s: %w", id, err))
	}
	fixes, total := make([]domain.Fix, 0, len(rows)), 0
	for _, r := range rows {
		f, err := r.fix()
		if err != nil {
			return nil, 0, fmt.Errorf("a fix of ticket %s: %w", id, err)
		}
		fixes, total = append(fixes, f), r.Total
	}
	return fixes, total, nil
}

func (r fixRow) fix() (domain.Fix, error) {
	var side sideJSON
	if len(r.Measured) > 0 {
		if err := json.Unmarshal(r.Measured, &side); err != nil {
			return domain.Fix{}, err
		}
	}
	return domain.Fix{
		Location: domain.Location{
			Latitude: r.Latitude, Longitude: r.Longitude, Accuracy: side.Accuracy, Altitude: side.Altitude, Speed: side.Speed, Heading: side.Heading,
			Battery: side.Battery, Source: side.Source, CapturedAt: side.CapturedAt,
		},
		At: r.At.UTC(), ReceivedAt: r.ReceivedAt.UTC(),
	}, nil
}
