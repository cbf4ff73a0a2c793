package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	shared "github.com/loveapp/backend/shared/postgres"
	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

// All implements ports.Oversight.
func (s *Store) All(ctx context.Context, q ports.AllQuery) ([]domain.Ticket, error) {
	const page = `SELECT ` + ticketColumns + ` FROM tickets t
		WHERE ($1 = '' OR t.status = $1) AND ($2::boolean IS NULL OR t.drill = $2::boolean)
			AND ($4::uuid IS NULL OR (t.created_at, t.id) < ($3::timestamptz, $4::uuid))
		ORDER BY t.created_at DESC, t.id DESC LIMIT $5`
	return s.readTickets(ctx, page, q.Status, q.Drill, q.Before.CreatedAt, idOrNull(q.Before.ID), q.Limit)
}

// Stats implements ports.Oversight.
func (s *Store) Stats(ctx context.Context, back time.Duration, drill bool) (ports.Stats, error) {
	const read = `
		WITH seen AS (
			SELECT status, escalation_level, alarmed_at, extract(epoch FROM acknowledged_at - alarmed_at)::float8 AS answered
			FROM tickets WHERE created_at > now() - make_interval(secs => $1) AND drill = $2
		)
		SELECT now() - make_interval(secs => $1) AS since, now() AS until,
			(SELECT json_object_agg(status, n) FROM (SELECT status, count(*) AS n FROM seen GROUP BY status) AS s) AS by_status,
			(SELECT json_object_agg(escalation_level, n) FROM (
				SELECT escalation_level, count(*) AS n FROM seen WHERE alarmed_at IS NOT NULL GROUP BY escalation_level) AS l) AS by_level,
			count(answered) AS acknowledged,
			coalesce(percentile_disc(0.5) WITHIN GROUP (ORDER BY answered), 0) AS p50,
			coalesce(percentile_disc(0.95) WITHIN GROUP (ORDER BY answered), 0) AS p95
		FROM seen`
	var row struct {
		Since        time.Time `db:"since"`
		Until        time.Time `db:"until"`
		ByStatus     []byte    `db:"by_status"`
		ByLevel      []byte    `db:"by_level"`
		Acknowledged int       `db:"acknowledged"`
		P50          float64   `db:"p50"`
		P95          float64   `db:"p95"`
	}
	if err := s.db.Reader().GetContext(ctx, &row, read, back.Seconds(), drill); err != nil {
		return ports.Stats{}, shared.Classify(fmt.Errorf("count tickets: %w", err))
	}
	stats := ports.Stats{
		Since: row.Since.UTC(), Until: row.Until.UTC(), ByStatus: map[domain.Status]int{}, ByLevel: map[int]int{},
		Acknowledged: row.Acknowledged, P50: seconds(row.P50), P95: seconds(row.P95),
	}
	for _, doc := range []struct {
		text []byte
		into any
	}{{row.ByStatus, &stats.ByStatus}, {row.ByLevel, &stats.ByLevel}} {
		if len(doc.text) == 0 {
			continue
		}
		if err := json.Unmarshal(doc.text, doc.into); err != nil {
			return ports.Stats{}, fmt.Errorf("read counts of tickets: %w", err)
		}
	}
	return stats, nil
}

func seconds(n float64) time.Duration { return time.Duration(n * float64(time.Second)) }
