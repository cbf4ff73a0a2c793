package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/shared/postgres"
)

// queued is a delivery on its way into the table.
type queued struct {
	ID           domain.DeliveryID `json:"id"`
	Event        string            `json:"event_id"`
	Notification *string           `json:"notification_id"`
	User         *string           `json:"user_id"`
	Provider     domain.Provider   `json:"provider"`
	Device       *string           `json:"device_id"`
	Address      *string           `json:"address"`
	ShownAs      string            `json:"shown_as"`
	Locale       string            `json:"locale"`
	Letter       *letterRow        `json:"letter"`
	Category     domain.Category   `json:"category"`
	Priority     domain.Priority   `json:"priority"`
	Urgent       bool              `json:"urgent"`
	Bypassed     bool              `json:"bypassed"`
	ExpiresAt    *time.Time        `json:"expires_at"`
	Trace        string            `json:"trace"`
}

// letterRow is what a message says that is in nobody's inbox.
type letterRow struct {
	Title string          `json:"title"`
	Body  string          `json:"body"`
	Data  json.RawMessage `json:"data"`
}

const insertDeliveries = `INSERT INTO deliveries (id, event_id, notification_id, user_id, provider, device_id, address, shown_as, locale,
		letter, category, priority, urgent, bypassed, expires_at, trace)
	SELECT id, event_id, notification_id, user_id, provider, device_id, address, shown_as, locale, letter, category, priority, urgent, bypassed, expires_at, trace
	FROM jsonb_to_recordset($1::jsonb) AS d(id uuid, event_id text, notification_id uuid, user_id uuid, provider text, device_id uuid, address text,
		shown_as text, locale text, letter jsonb, category text, priority text, urgent boolean, bypassed boolean, expires_at timestamptz, trace text)
	ORDER BY id ON CONFLICT (id) DO NOTHING`

func deliver(ctx context.Context, tx *sqlx.Tx, moves []domain.Advance) error {
	var rows []queued
	for _, m := range moves {
		for _, d := range m.Deliveries {
			rows = append(rows, queuedOf(m.Plan, d))
		}
	}
	return queue(ctx, tx, rows)
}

func queuedOf(p domain.Plan, d domain.NewDelivery) queued {
	return queued{
		ID: d.ID, Event: p.Event, Notification: orNull(string(p.Notification)), User: orNull(string(p.User)), Provider: d.To.Provider,
		Device: orNull(string(d.To.Device)), Address: orNull(d.To.Address), ShownAs: shownAs(d.To.Address), Locale: d.Locale,
		Category: p.Category, Priority: p.Priority, Urgent: p.Urgent(), Bypassed: d.Bypassed, ExpiresAt: p.ExpiresAt, Trace: p.Trace,
	}
}

func queue(ctx context.Context, tx sqlx.ExtContext, rows []queued) error {
	if len(rows) == 0 {
		return nil
	}
	text, err := json.Marshal(rows)
	if err != nil {
		return fmt.Errorf("encode deliveries: %w", err)
	}
	if _, err := tx.ExecContext(ctx, insertDeliveries, string(text)); err != nil {
		return fmt.Errorf("queue %d deliveries: %w", len(rows), err)
	}
	return nil
}

// Post implements ports.Deliveries.
func (s *Store) Post(ctx context.Context, letters []domain.Letter) error {
	rows := make([]queued, len(letters))
	for i, l := range letters {
		d := l.Draft
		rows[i] = queued{
			ID: l.ID, Event: d.EventID, Provider: l.Provider, Address: orNull(d.Address.To), ShownAs: shownAs(d.Address.To), Locale: d.Address.Locale,
			Letter: &letterRow{d.Title, d.Body, d.Data}, Category: d.Category, Priority: d.Priority, Urgent: d.Priority == domain.Critical, ExpiresAt: d.ExpiresAt, Trace: d.Trace,
		}
	}
	if err := s.db.Tx(ctx, func(tx *sqlx.Tx) error { return queue(ctx, tx, rows) }); err != nil {
		return postgres.Classify(err)
	}
	return nil
}

func orNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func shownAs(address string) string {
	if address == "" {
		return ""
	}
	return domain.Mask(address)
}

func joined(steps []domain.Channel) string {
	words := make([]string, len(steps))
	for i, s := range steps {
		words[i] = string(s)
	}
	return strings.Join(words, ",")
}

func split(steps string) []domain.Channel {
	var list []domain.Channel
	for word := range strings.SplitSeq(steps, ",") {
		list = append(list, domain.Channel(word))
	}
	return list
}
