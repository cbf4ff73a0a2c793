package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/lib/pq"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
	"github.com/loveapp/backend/shared/idgen"
	"github.com/loveapp/backend/shared/postgres"
)

var _ ports.Deliveries = (*Store)(nil)

const dueQueues = `SELECT p.provider, u.urgent FROM unnest($1::text[]) AS p(provider) CROSS JOIN (VALUES (true), (false)) AS u(urgent)
	WHERE EXISTS (SELECT FROM deliveries d WHERE d.state = 'waiting' AND d.provider = p.provider AND d.urgent = u.urgent AND d.due_at <= now())`

// Due implements ports.Deliveries.
func (s *Store) Due(ctx context.Context, of []domain.Provider) ([]ports.Queue, error) {
	var rows []struct {
		Provider domain.Provider `db:"provider"`
		Urgent   bool            `db:"urgent"`
	}
	if err := s.db.Primary().SelectContext(ctx, &rows, dueQueues, texts(of)); err != nil {
		return nil, postgres.Classify(fmt.Errorf("look for deliveries that are due: %w", err))
	}
	queues := make([]ports.Queue, len(rows))
	for i, r := range rows {
		queues[i] = ports.Queue(r)
	}
	return queues, nil
}

// One statement takes what is due and drops what nobody has to be told any more.
const claimDeliveries = `WITH due AS (
		SELECT id, notification_id, expires_at FROM deliveries
		WHERE state = 'waiting' AND provider = $1 AND urgent = $2 AND due_at <= now() AND (lease IS NULL OR $6) ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED
	), told AS (
		SELECT due.id, n.seq, n.title, n.body, n.data, CASE
			WHEN due.expires_at <= now() THEN 'expired'
			WHEN due.notification_id IS NULL OR (n.id IS NOT NULL AND ` + open + `) THEN 'waiting'
			ELSE 'cancelled' END AS fate
		FROM due LEFT JOIN notifications n ON n.id = due.notification_id
	)
	UPDATE deliveries d SET state = told.fate,
		address = CASE WHEN told.fate = 'waiting' THEN d.address END, letter = CASE WHEN told.fate = 'waiting' THEN d.letter END,
		settled_at = CASE WHEN told.fate <> 'waiting' THEN now() END, attempts = d.attempts + CASE WHEN told.fate = 'waiting' THEN 1 ELSE 0 END,
		lease = $4, due_at = now() + make_interval(secs => $5)
	FROM told WHERE d.id = told.id
	RETURNING d.id, coalesce(d.notification_id::text, '') AS notification_id, coalesce(d.user_id::text, '') AS user_id, coalesce(told.seq, 0) AS seq,
		d.provider, coalesce(d.device_id::text, '') AS device_id, coalesce(d.address, '') AS address, d.locale, d.category, d.priority,
		coalesce(told.title, d.letter ->> 'title', '') AS title, coalesce(told.body, d.letter ->> 'body', '') AS body,
		coalesce(told.data, d.letter -> 'data', '{}') AS data, d.expires_at, d.attempts,
		extract(epoch FROM clock_timestamp() - d.queued_at)::float8 AS age, d.state, d.trace`

type workRow struct {
	ID           domain.DeliveryID     `db:"id"`
	Notification domain.NotificationID `db:"notification_id"`
	User         domain.UserID         `db:"user_id"`
	Seq          domain.Seq            `db:"seq"`
	Provider     domain.Provider       `db:"provider"`
	Device       domain.DeviceID       `db:"device_id"`
	Address      string                `db:"address"`
	Locale       string                `db:"locale"`
	Category     domain.Category       `db:"category"`
	Priority     domain.Priority       `db:"priority"`
	Title        string                `db:"title"`
	Body         string                `db:"body"`
	Data         []byte                `db:"data"`
	ExpiresAt    *time.Time            `db:"expires_at"`
	Attempts     int                   `db:"attempts"`
	Age          float64               `db:"age"`
	State        domain.DeliveryState  `db:"state"`
	Trace        string                `db:"trace"`
}

// ClaimDeliveries implements ports.Deliveries.
func (s *Store) ClaimDeliveries(ctx context.Context, from ports.Queue, of ports.Claiming) (ports.DeliveryClaim, error) {
	claim := ports.DeliveryClaim{Lease: idgen.NewV7()}
	var rows []workRow
	if err := s.db.Primary().SelectContext(ctx, &rows, claimDeliveries, string(from.Provider), from.Urgent, of.Limit, claim.Lease, of.Lease.Seconds(), of.Lapsed); err != nil {
		return ports.DeliveryClaim{}, postgres.Classify(fmt.Errorf("claim deliveries: %w", err))
	}
	for _, r := range rows {
		if r.State != domain.Waiting {
			claim.Dropped++
			continue
		}
		claim.Works = append(claim.Works, domain.Work{
			ID: r.ID, Notification: r.Notification, User: r.User, Seq: r.Seq, Provider: r.Provider, Device: r.Device, Address: r.Address, Locale: r.Locale,
			Category: r.Category, Priority: r.Priority, Title: r.Title, Body: r.Body, Data: json.RawMessage(r.Data), ExpiresAt: r.ExpiresAt,
			Attempt: r.Attempts, Age: time.Duration(r.Age * float64(time.Second)), Trace: r.Trace,
		})
	}
	return claim, nil
}

const settleDeliveries = `UPDATE deliveries d SET state = r.state, code = r.code, provider_id = r.provider_id,
		attempts = greatest(0, d.attempts - CASE WHEN r.uncounted THEN 1 ELSE 0 END), lease = NULL,
		due_at = now() + make_interval(secs => r.after), settled_at = CASE WHEN r.state <> 'waiting' THEN now() END,
		address = CASE WHEN r.state IN ('waiting', 'dead') THEN d.address END, letter = CASE WHEN r.state IN ('waiting', 'dead') THEN d.letter END
	FROM unnest($2::uuid[], $3::text[], $4::float8[], $5::boolean[], $6::text[], $7::text[]) AS r(id, state, after, uncounted, code, provider_id)
	WHERE d.id = r.id AND d.state = 'waiting' AND (r.state = 'sent' OR d.lease = $1)`

// Settle implements ports.Deliveries.
func (s *Store) Settle(ctx context.Context, lease string, outcomes []domain.Outcome) error {
	n := len(outcomes)
	ids, states, codes, names := make(pq.StringArray, n), make(pq.StringArray, n), make(pq.StringArray, n), make(pq.StringArray, n)
	after, uncounted := make(pq.Float64Array, n), make(pq.BoolArray, n)
	for i, o := range outcomes {
		ids[i], states[i], codes[i], names[i] = string(o.ID), string(o.State), o.Code, o.ProviderID
		after[i], uncounted[i] = o.After.Seconds(), o.Uncounted
	}
	if _, err := s.db.Primary().ExecContext(ctx, settleDeliveries, lease, ids, states, after, uncounted, codes, names); err != nil {
		return postgres.Classify(fmt.Errorf("settle deliveries: %w", err))
	}
	return nil
}
