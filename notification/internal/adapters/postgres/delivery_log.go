package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/shared/postgres"
)

const (
	logColumns = `id, event_id, coalesce(notification_id::text, '') AS notification_id, coalesce(user_id::text, '') AS user_id, provider,
		coalesce(device_id::text, '') AS device_id, shown_as, category, priority, state, attempts, code, provider_id, bypassed, created_at, due_at, settled_at`
	selectOfEvent = `SELECT ` + logColumns + ` FROM deliveries
		WHERE (notification_id = $1 OR event_id = $2) AND (created_at, id) > ($3, $4) ORDER BY created_at, id LIMIT $5`
	isKnown    = `SELECT EXISTS (SELECT FROM notifications WHERE id = $1) OR EXISTS (SELECT FROM announcements WHERE id = $1)`
	selectDead = `SELECT ` + logColumns + ` FROM deliveries
		WHERE state = 'dead' AND (settled_at, id) < ($1, $2) ORDER BY settled_at DESC, id DESC LIMIT $3`
)

type logRow struct {
	ID           domain.DeliveryID     `db:"id"`
	Event        string                `db:"event_id"`
	Notification domain.NotificationID `db:"notification_id"`
	User         domain.UserID         `db:"user_id"`
	Provider     domain.Provider       `db:"provider"`
	Device       domain.DeviceID       `db:"device_id"`
	ShownAs      string                `db:"shown_as"`
	Category     domain.Category       `db:"category"`
	Priority     domain.Priority       `db:"priority"`
	State        domain.DeliveryState  `db:"state"`
	Attempts     int                   `db:"attempts"`
	Code         string                `db:"code"`
	ProviderID   string                `db:"provider_id"`
	Bypassed     bool                  `db:"bypassed"`
	CreatedAt    time.Time             `db:"created_at"`
	DueAt        time.Time             `db:"due_at"`
	SettledAt    *time.Time            `db:"settled_at"`
}

// The least and the greatest id there can be: where a list begins.
const (
	leastID    = "00000000-0000-0000-0000-000000000000"
	greatestID = "ffffffff-ffff-ffff-ffff-ffffffffffff"
)

// OfEvent implements ports.Deliveries.
func (s *Store) OfEvent(ctx context.Context, id string, after domain.Position, limit int) ([]domain.Delivery, error) {
	if after.ID == "" {
		after.ID = leastID
	}
	var rows []logRow
	if err := s.db.Primary().SelectContext(ctx, &rows, selectOfEvent, id, id, after.At, string(after.ID), limit); err != nil {
		return nil, postgres.Classify(fmt.Errorf("list the deliveries of a notification: %w", err))
	}
	if len(rows) > 0 {
		return deliveries(rows), nil
	}
	var known bool
	if err := s.db.Primary().GetContext(ctx, &known, isKnown, id); err != nil {
		return nil, postgres.Classify(fmt.Errorf("look for a notification: %w", err))
	}
	if !known {
		return nil, domain.ErrAnnouncementNotFound
	}
	return nil, nil
}

// DeadLetters implements ports.Deliveries.
func (s *Store) DeadLetters(ctx context.Context, before domain.Position, limit int) ([]domain.Delivery, error) {
	if before.ID == "" {
		before = domain.Position{At: time.Unix(math.MaxInt32, 0), ID: greatestID}
	}
	var rows []logRow
	if err := s.db.Primary().SelectContext(ctx, &rows, selectDead, before.At, string(before.ID), limit); err != nil {
		return nil, postgres.Classify(fmt.Errorf("list dead letters: %w", err))
	}
	return deliveries(rows), nil
}

func deliveries(rows []logRow) []domain.Delivery {
	list := make([]domain.Delivery, len(rows))
	for i, r := range rows {
		list[i] = domain.Delivery(r)
	}
	return list
}

const (
	lockDelivery   = `SELECT ` + logColumns + `, (address IS NOT NULL OR device_id IS NOT NULL) AS sendable FROM deliveries WHERE id = $1 FOR UPDATE`
	replayDelivery = `UPDATE deliveries SET state = 'waiting', attempts = 0, lease = NULL, due_at = now(), queued_at = now(), settled_at = NULL
		WHERE id = $1 RETURNING ` + logColumns
)

// Replay implements ports.Deliveries.
func (s *Store) Replay(ctx context.Context, id domain.DeliveryID) (replayed domain.Delivery, err error) {
	err = s.db.Tx(ctx, func(tx *sqlx.Tx) error {
		var found struct {
			logRow
			Sendable bool `db:"sendable"`
		}
		if err := tx.GetContext(ctx, &found, lockDelivery, string(id)); errors.Is(err, sql.ErrNoRows) {
			return domain.ErrDeliveryNotFound
		} else if err != nil {
			return fmt.Errorf("find delivery %s: %w", id, err)
		}
		if found.State != domain.Dead || !found.Sendable {
			return domain.ErrNotDead
		}
		var row logRow
		if err := tx.GetContext(ctx, &row, replayDelivery, string(id)); err != nil {
			return fmt.Errorf("replay delivery %s: %w", id, err)
		}
		replayed = domain.Delivery(row)
		return nil
	})
	return replayed, err
}

const (
	forgetDeliveries = `DELETE FROM deliveries WHERE id IN (
		SELECT id FROM deliveries WHERE state <> 'waiting' AND settled_at < now() - make_interval(secs => $1) ORDER BY settled_at LIMIT $2 FOR UPDATE SKIP LOCKED)`
	forgetAddresses = `UPDATE deliveries SET address = NULL, letter = NULL WHERE id IN (
		SELECT id FROM deliveries WHERE state = 'dead' AND address IS NOT NULL AND settled_at < now() - make_interval(secs => $1) LIMIT $2 FOR UPDATE SKIP LOCKED)`
)

// Forget implements ports.Deliveries.
func (s *Store) Forget(ctx context.Context, keep, replayable time.Duration, limit int) (forgotten int, err error) {
	for _, step := range []struct {
		statement string
		age       time.Duration
	}{{forgetDeliveries, keep}, {forgetAddresses, replayable}} {
		result, err := s.db.Primary().ExecContext(ctx, step.statement, step.age.Seconds(), limit)
		if err != nil {
			return forgotten, postgres.Classify(fmt.Errorf("forget old deliveries: %w", err))
		}
		n, err := result.RowsAffected()
		if err != nil {
			return forgotten, err
		}
		forgotten += int(n)
	}
	return forgotten, nil
}
