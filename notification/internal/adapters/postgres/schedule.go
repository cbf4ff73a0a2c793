package postgres

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
)

var _ ports.Schedule = (*Store)(nil)

// scheduledDraft is a draft in its row.
type scheduledDraft struct {
	EventID   string          `json:"eventId"`
	Users     []domain.UserID `json:"users,omitempty"`
	Topic     domain.Room     `json:"topic,omitempty"`
	Category  domain.Category `json:"category"`
	Priority  domain.Priority `json:"priority"`
	Title     string          `json:"title"`
	Body      string          `json:"body"`
	Data      json.RawMessage `json:"data"`
	Channels  []string        `json:"channels,omitempty"`
	ExpiresAt *time.Time      `json:"expiresAt,omitempty"`
	// Said and Reads are its domain.Wording.
	Said  map[domain.Locale]wordsRow      `json:"said,omitempty"`
	Reads map[domain.UserID]domain.Locale `json:"reads,omitempty"`
}

// wordsRow is the form of words in the database.
type wordsRow struct {
	Title string `json:"title"`
	Body  string `json:"body"`
}

func (s scheduledDraft) wording() domain.Wording {
	w := domain.Wording{Said: make(map[domain.Locale]domain.Words, len(s.Said)), Reads: s.Reads}
	for locale, words := range s.Said {
		w.Said[locale] = domain.Words(words)
	}
	return w
}

func wordsOf(said map[domain.Locale]domain.Words) map[domain.Locale]wordsRow {
	rows := make(map[domain.Locale]wordsRow, len(said))
	for locale, words := range said {
		rows[locale] = wordsRow(words)
	}
	return rows
}

func (s scheduledDraft) draft(at time.Time) domain.Draft {
	return domain.Draft{
		EventID: s.EventID, Users: s.Users, Topic: s.Topic, Category: s.Category, Priority: s.Priority, Title: s.Title, Body: s.Body,
		Data: s.Data, Channels: s.Channels, CreatedAt: at, ExpiresAt: s.ExpiresAt, SendAt: &at,
		Wording: s.wording(),
	}
}

const insertSchedule = `INSERT INTO schedules (id, created_by, send_at, draft) VALUES ($1, $2, $3, $4)`

func schedule(ctx context.Context, tx *sqlx.Tx, a domain.Announcement) error {
	d := a.Draft
	text, err := json.Marshal(scheduledDraft{
		EventID: d.EventID, Users: d.Users, Topic: d.Topic, Category: d.Category, Priority: d.Priority, Title: d.Title, Body: d.Body,
		Data: d.Data, Channels: d.Channels, ExpiresAt: d.ExpiresAt,
		Said: wordsOf(d.Said), Reads: d.Reads,
	})
	if err != nil {
		return fmt.Errorf("encode announcement %s: %w", a.ID, err)
	}
	if _, err := tx.ExecContext(ctx, insertSchedule, a.ID, string(a.By), *d.SendAt, string(text)); err != nil {
		return fmt.Errorf("schedule announcement %s: %w", a.ID, err)
	}
	return nil
}

// The row is gone with the commit that brings its entries into inboxes: whoever
// comes second finds none, and a transaction that breaks leaves it due.
const takeDue = `DELETE FROM schedules WHERE id = (
		SELECT id FROM schedules WHERE cancelled_at IS NULL AND send_at <= now() ORDER BY send_at LIMIT 1 FOR UPDATE SKIP LOCKED)
	RETURNING id, created_by, send_at, draft, now() AS now`

// anyNumber: how many users it was accepted for is not in the schedule's row.
const anyNumber = -1

const anyDue = `SELECT EXISTS (SELECT FROM schedules WHERE cancelled_at IS NULL AND send_at <= now())`

// Release implements ports.Schedule.
func (s *Store) Release(ctx context.Context, entriesOf func(*domain.Draft) []domain.Entry) (released *domain.Announcement, fresh []domain.Notification, err error) {
	// Mostly nothing is due, and to see that takes no transaction.
	var due bool
	if err := s.db.Primary().GetContext(ctx, &due, anyDue); err != nil {
		return nil, nil, fmt.Errorf("look for what is due: %w", err)
	}
	if !due {
		return nil, nil, nil
	}
	err = s.db.Tx(ctx, func(tx *sqlx.Tx) error {
		released, fresh = nil, nil
		var row struct {
			ID     string        `db:"id"`
			By     domain.UserID `db:"created_by"`
			SendAt time.Time     `db:"send_at"`
			Draft  []byte        `db:"draft"`
			Now    time.Time     `db:"now"`
		}
		if err := tx.GetContext(ctx, &row, takeDue); errors.Is(err, sql.ErrNoRows) {
			return nil
		} else if err != nil {
			return fmt.Errorf("take what is due: %w", err)
		}
		var kept scheduledDraft
		if err := json.Unmarshal(row.Draft, &kept); err != nil {
			return fmt.Errorf("read announcement %s: %w", row.ID, err)
		}
		released = &domain.Announcement{ID: row.ID, By: row.By, Draft: kept.draft(row.SendAt)}
		var entries []domain.Entry
		if kept.ExpiresAt == nil || kept.ExpiresAt.After(row.Now) {
			entries = entriesOf(&released.Draft)
		}
		if len(entries) > 0 {
			if fresh, err = insert(ctx, tx, entries); err != nil {
				return err
			}
		}
		return standsIn(ctx, tx, row.ID, anyNumber, len(fresh))
	})
	return released, fresh, err
}

const (
	cancelSchedule = `UPDATE schedules SET cancelled_at = coalesce(cancelled_at, now()), draft = '{}' WHERE id = $1`
	isAnnounced    = `SELECT EXISTS (SELECT FROM announcements WHERE id = $1)`
)

// Cancel implements ports.Schedule. A row that is being released is waited for, and is gone then.
func (s *Store) Cancel(ctx context.Context, id string) error {
	return s.db.Tx(ctx, func(tx *sqlx.Tx) error {
		result, err := tx.ExecContext(ctx, cancelSchedule, id)
		if err != nil {
			return fmt.Errorf("cancel announcement %s: %w", id, err)
		}
		if cancelled, err := result.RowsAffected(); cancelled == 1 || err != nil {
			return err
		}
		var announced bool
		if err := tx.GetContext(ctx, &announced, isAnnounced, id); err != nil {
			return fmt.Errorf("look for announcement %s: %w", id, err)
		}
		if announced {
			return domain.ErrAlreadySent
		}
		return domain.ErrAnnouncementNotFound
	})
}
