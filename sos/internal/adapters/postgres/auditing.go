package postgres

import (
	"context"
	"fmt"

	shared "github.com/loveapp/backend/shared/postgres"
	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

// Audit implements ports.Auditing: one statement, so that all is seen at one moment.
func (s *Store) Audit(ctx context.Context) (ports.Findings, error) {
	// Alarms say in the timeline how many they reach; more alerts than that are of
	// other events with the same number, which there are none of.
	const look = `
		SELECT
			(SELECT count(*) FROM tickets t WHERE t.closed_at IS NULL
				AND NOT EXISTS (SELECT FROM timers m WHERE m.ticket_id = t.id)) AS open_without_timer,
			(SELECT count(*) FROM timers WHERE due_at < now() - make_interval(secs => $1)) AS timers_overdue,
			(SELECT count(*) FROM outbox o WHERE o.fate IS NULL AND o.due_at < now() - make_interval(secs => $2) AND` + isHead + `) AS alerts_stuck,
			(SELECT count(*) FROM outbox o JOIN tickets t ON t.id = o.ticket_id WHERE o.fate = 'parked' AND t.closed_at IS NULL) AS alerts_parked,
			(SELECT count(*) FROM tickets t JOIN timeline e ON e.ticket_id = t.id
				WHERE t.closed_at IS NULL AND t.updated_at > now() - interval '1 minute' AND e.at > now() - interval '1 minute'
				AND (e.data ->> 'reached')::integer > (SELECT count(*) FROM outbox o WHERE o.ticket_id = e.ticket_id AND o.seq = e.seq)) AS events_undelivered,
			(SELECT count(*) FROM outbox WHERE fate IS NULL) AS waiting,
			(SELECT coalesce(extract(epoch FROM now() - min(queued_at)), 0)::float8 FROM outbox WHERE fate IS NULL) AS oldest`
	var row struct {
		OpenWithoutTimer  int     `db:"open_without_timer"`
		TimersOverdue     int     `db:"timers_overdue"`
		AlertsStuck       int     `db:"alerts_stuck"`
		AlertsParked      int     `db:"alerts_parked"`
		EventsUndelivered int     `db:"events_undelivered"`
		Waiting           int     `db:"waiting"`
		Oldest            float64 `db:"oldest"`
	}
	if err := s.db.Primary().GetContext(ctx, &row, look, ports.TimerGrace.Seconds(), ports.AlertGrace.Seconds()); err != nil {
		return ports.Findings{}, shared.Classify(fmt.Errorf("audit: %w", err))
	}
	return ports.Findings{
		OpenWithoutTimer: row.OpenWithoutTimer, TimersOverdue: row.TimersOverdue, AlertsStuck: row.AlertsStuck, AlertsParked: row.AlertsParked,
		EventsUndelivered: row.EventsUndelivered, Waiting: row.Waiting, OldestAlertWaiting: seconds(row.Oldest),
	}, nil
}

// Undelivered implements ports.Auditing.
func (s *Store) Undelivered(ctx context.Context, id domain.TicketID) (n int, err error) {
	const count = `SELECT count(*) FROM outbox WHERE ticket_id = $1 AND fate IS DISTINCT FROM 'delivered'`
	if err := s.db.Primary().GetContext(ctx, &n, count, id); err != nil {
		return 0, shared.Classify(fmt.Errorf("count undelivered alerts: %w", err))
	}
	return n, nil
}
