package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
	"github.com/loveapp/backend/shared/idgen"
	"github.com/loveapp/backend/shared/postgres"
)

var _ ports.Hops = (*Store)(nil)

// plan notes what follows the notifications that have just been inserted. It is
// part of the intake's transaction, and does nothing where nothing can be sent: most
// notifications go to somebody without a device who has asked for no mail (domain.Plan
// says who gets one), and leave no row. What is urgent is looked into when it is due.
const planHops = `INSERT INTO hops (notification_id, urgent, named, steps, due_at)
	SELECT h.id, h.urgent, h.named, s.steps, now() + make_interval(secs => h.after)
	FROM unnest($1::uuid[], $2::boolean[], $3::boolean[], $4::text[], $5::float8[], $6::uuid[], $7::text[])
		AS h(id, urgent, named, steps, after, user_id, category)
	CROSS JOIN LATERAL (SELECT string_to_array(h.steps, ',') AS steps) s
	WHERE h.urgent
		OR 'push' = ANY (s.steps) AND EXISTS (SELECT FROM devices d WHERE d.user_id = h.user_id)
		OR s.steps && ARRAY['sms', 'email'] AND (h.named OR EXISTS (
			SELECT FROM preferences p, unnest(s.steps) AS step
			WHERE p.user_id = h.user_id AND step <> 'push' AND p.channels -> h.category ->> step = 'true'))
	ON CONFLICT (notification_id) DO NOTHING`

func plan(ctx context.Context, tx *sqlx.Tx, entries []domain.Entry, fresh []domain.Notification) error {
	var (
		ids, steps    pq.StringArray
		users, about  pq.StringArray
		urgent, named pq.BoolArray
		after         pq.Float64Array
	)
	drafts := map[domain.NotificationID]*domain.Draft{}
	for _, e := range entries {
		if len(e.Draft.FollowUp) > 0 {
			drafts[e.ID] = e.Draft
		}
	}
	for _, n := range fresh {
		d := drafts[n.ID]
		if d == nil {
			continue
		}
		ids, steps = append(ids, string(n.ID)), append(steps, joined(d.FollowUp))
		urgent, named = append(urgent, n.Urgent()), append(named, len(d.Channels) > 0)
		after = append(after, d.FollowAfter.Seconds())
		users, about = append(users, string(n.User)), append(about, string(n.Category))
	}
	if len(ids) == 0 {
		return nil
	}
	if _, err := tx.ExecContext(ctx, planHops, ids, urgent, named, steps, after, users, about); err != nil {
		return fmt.Errorf("plan what follows %d notifications: %w", len(ids), err)
	}
	return nil
}

// open: nobody has acknowledged it, in whatever way, and somebody may still want it.
const open = `n.acked_at IS NULL AND n.read_at IS NULL AND ` + visible

// A lease that has lapsed began so long before, at the latest: a step that another
// had in hand is late by that, too.
const claimHops = `WITH due AS (
		SELECT notification_id, due_at, lease IS NOT NULL AS lapsed FROM hops WHERE urgent = $1 AND due_at <= now() AND (lease IS NULL OR $5) ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED
	), told AS (
		SELECT n.id, n.user_id, n.event_id, n.category, n.priority, n.expires_at, n.trace, due.due_at, due.lapsed
		FROM due JOIN notifications n ON n.id = due.notification_id WHERE ` + open + `
	), over AS (
		DELETE FROM hops h USING due WHERE h.notification_id = due.notification_id AND NOT EXISTS (SELECT FROM told WHERE told.id = due.notification_id)
	)
	UPDATE hops h SET lease = $3, due_at = now() + make_interval(secs => $4)
	FROM told WHERE h.notification_id = told.id
	RETURNING told.id, told.user_id, told.event_id, told.category, told.priority, told.expires_at, told.trace,
		array_to_string(h.steps, ',') AS steps, h.named, h.looked,
		extract(epoch FROM now() - told.due_at)::float8 + CASE WHEN told.lapsed THEN $4::float8 ELSE 0 END AS late, now() AS now`

type hopRow struct {
	ID        domain.NotificationID `db:"id"`
	User      domain.UserID         `db:"user_id"`
	Event     string                `db:"event_id"`
	Category  domain.Category       `db:"category"`
	Priority  domain.Priority       `db:"priority"`
	ExpiresAt *time.Time            `db:"expires_at"`
	Steps     string                `db:"steps"`
	Named     bool                  `db:"named"`
	Looked    bool                  `db:"looked"`
	Late      float64               `db:"late"`
	Now       time.Time             `db:"now"`
	Trace     string                `db:"trace"`
}

// ClaimHops implements ports.Hops.
func (s *Store) ClaimHops(ctx context.Context, urgent bool, of ports.Claiming) (ports.HopClaim, error) {
	claim := ports.HopClaim{Lease: idgen.NewV7()}
	var rows []hopRow
	if err := s.db.Primary().SelectContext(ctx, &rows, claimHops, urgent, of.Limit, claim.Lease, of.Lease.Seconds(), of.Lapsed); err != nil {
		return ports.HopClaim{}, postgres.Classify(fmt.Errorf("claim hops: %w", err))
	}
	for _, r := range rows {
		claim.Plans = append(claim.Plans, domain.Plan{
			Notification: r.ID, User: r.User, Event: r.Event, Category: r.Category, Priority: r.Priority, ExpiresAt: r.ExpiresAt,
			Steps: split(r.Steps), Named: r.Named, Looked: r.Looked, Late: time.Duration(r.Late * float64(time.Second)), Now: r.Now, Trace: r.Trace,
		})
	}
	return claim, nil
}

// The plans are locked first: whoever claims them anew comes before or after
// this, and an acknowledgement that was committed by then counts.
const (
	lockHops = `SELECT h.notification_id FROM hops h JOIN notifications n ON n.id = h.notification_id
		WHERE h.notification_id = ANY ($1::uuid[]) AND h.lease = $2 AND ` + open + ` ORDER BY h.notification_id FOR UPDATE OF h`
	endHops  = `DELETE FROM hops WHERE notification_id = ANY ($1::uuid[])`
	moveHops = `UPDATE hops h SET steps = string_to_array(m.steps, ','), looked = m.looked, lease = NULL, due_at = now() + make_interval(secs => m.after)
		FROM unnest($1::uuid[], $2::text[], $3::boolean[], $4::float8[]) AS m(id, steps, looked, after) WHERE h.notification_id = m.id`
)

// Advance implements ports.Hops.
func (s *Store) Advance(ctx context.Context, lease string, moves []domain.Advance) error {
	return s.db.Tx(ctx, func(tx *sqlx.Tx) error {
		ids := make(pq.StringArray, len(moves))
		for i, m := range moves {
			ids[i] = string(m.Plan.Notification)
		}
		var held []domain.NotificationID
		if err := tx.SelectContext(ctx, &held, lockHops, ids, lease); err != nil {
			return fmt.Errorf("lock %d hops: %w", len(ids), err)
		}
		still := map[domain.NotificationID]bool{}
		for _, id := range held {
			still[id] = true
		}
		var ours []domain.Advance
		for _, m := range moves {
			if still[m.Plan.Notification] {
				ours = append(ours, m)
			}
		}
		return advance(ctx, tx, ours)
	})
}

func advance(ctx context.Context, tx *sqlx.Tx, moves []domain.Advance) error {
	var (
		ended, moved, steps pq.StringArray
		looked              pq.BoolArray
		after               pq.Float64Array
	)
	for _, m := range moves {
		if len(m.Steps) == 0 {
			ended = append(ended, string(m.Plan.Notification))
			continue
		}
		moved, steps = append(moved, string(m.Plan.Notification)), append(steps, joined(m.Steps))
		looked, after = append(looked, m.Looked), append(after, m.After.Seconds())
	}
	if len(ended) > 0 {
		if _, err := tx.ExecContext(ctx, endHops, ended); err != nil {
			return fmt.Errorf("end %d plans: %w", len(ended), err)
		}
	}
	if len(moved) > 0 {
		if _, err := tx.ExecContext(ctx, moveHops, moved, steps, looked, after); err != nil {
			return fmt.Errorf("move %d plans: %w", len(moved), err)
		}
	}
	return deliver(ctx, tx, moves)
}
