package postgres

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"github.com/loveapp/backend/notification/internal/domain"
)

// Insert implements ports.Intake.
func (s *Store) Insert(ctx context.Context, entries []domain.Entry) (fresh []domain.Notification, err error) {
	err = s.db.Tx(ctx, func(tx *sqlx.Tx) error {
		fresh, err = insert(ctx, tx, entries)
		return err
	})
	return fresh, err
}

// Users are locked in the order of their ids, so that batches which meet wait
// for each other and never in a circle. Whoever holds the lock of an inbox
// commits before the next seq is taken: seqs become visible in their order.
const makeInboxes = `INSERT INTO inboxes (user_id)
	SELECT wanted FROM unnest($1::uuid[]) AS wanted ORDER BY wanted
	ON CONFLICT (user_id) DO NOTHING`

// insertFresh runs under those locks, so nobody adds an event between looking
// for it and inserting it.
const insertFresh = `WITH draft AS (
		SELECT number, event_id, category, priority, title, body, data, created_at, expires_at, trace
		FROM jsonb_to_recordset($1::jsonb) AS d(number integer, event_id text, category text, priority text,
			title text, body text, data jsonb, created_at timestamptz, expires_at timestamptz, trace text)
	), fresh AS (
		SELECT e.user_id, e.id, e.number, row_number() OVER (PARTITION BY e.user_id ORDER BY e.place) AS nth
		FROM unnest($2::integer[], $3::uuid[], $4::uuid[]) WITH ORDINALITY AS e(number, user_id, id, place)
		JOIN draft USING (number)
		WHERE NOT EXISTS (SELECT FROM notifications n WHERE n.user_id = e.user_id AND n.event_id = draft.event_id)
			AND NOT EXISTS (SELECT FROM inboxes b WHERE b.user_id = e.user_id AND b.erased_at IS NOT NULL)
	), taken AS (
		UPDATE inboxes b SET last_seq = greatest(b.last_seq, $5) + f.entries, unread = b.unread + f.entries
		FROM (SELECT user_id, count(*) AS entries FROM fresh GROUP BY user_id) f
		WHERE b.user_id = f.user_id
		RETURNING b.user_id, b.last_seq - f.entries AS base
	)
	INSERT INTO notifications (user_id, seq, id, event_id, category, priority, title, body, data, created_at, expires_at, trace)
	SELECT fresh.user_id, taken.base + fresh.nth, fresh.id, draft.event_id, draft.category, draft.priority,
		draft.title, draft.body, draft.data, draft.created_at, draft.expires_at, draft.trace
	FROM fresh JOIN taken USING (user_id) JOIN draft USING (number)
	RETURNING id, seq, stored_at`

type insertedRow struct {
	ID       domain.NotificationID `db:"id"`
	Seq      domain.Seq            `db:"seq"`
	StoredAt time.Time             `db:"stored_at"`
}

func insert(ctx context.Context, tx *sqlx.Tx, entries []domain.Entry) ([]domain.Notification, error) {
	batch, err := newBatch(entries)
	if err != nil {
		return nil, err
	}
	if _, err := tx.ExecContext(ctx, makeInboxes, batch.users); err != nil {
		return nil, fmt.Errorf("make %d inboxes: %w", len(batch.users), err)
	}
	base, err := batch.lock(ctx, tx)
	if err != nil {
		return nil, err
	}
	var rows []insertedRow
	if err := tx.SelectContext(ctx, &rows, insertFresh, batch.drafts, batch.numbers, batch.users, batch.ids, base); err != nil {
		return nil, fmt.Errorf("insert %d notifications: %w", len(entries), err)
	}
	fresh := stored(entries, rows)
	return fresh, plan(ctx, tx, entries, fresh)
}

// batch is entries as arguments; a draft is sent once, however many users it has.
type batch struct {
	drafts  string
	numbers pq.Int32Array
	users   pq.StringArray
	ids     pq.StringArray
}

type draftRow struct {
	Number    int32           `json:"number"`
	EventID   string          `json:"event_id"`
	Category  domain.Category `json:"category"`
	Priority  domain.Priority `json:"priority"`
	Title     string          `json:"title"`
	Body      string          `json:"body"`
	Data      json.RawMessage `json:"data"`
	CreatedAt time.Time       `json:"created_at"`
	ExpiresAt *time.Time      `json:"expires_at"`
	Trace     string          `json:"trace"`
}

func newBatch(entries []domain.Entry) (batch, error) {
	var b batch
	var rows []draftRow
	numbers := map[*domain.Draft]int32{}
	for _, e := range entries {
		number, known := numbers[e.Draft]
		if !known {
			number = int32(len(rows)) //nolint:gosec // an intake has 500 drafts at most
			numbers[e.Draft] = number
			rows = append(rows, rowOf(number, e.Draft))
		}
		b.numbers = append(b.numbers, number)
		b.users = append(b.users, string(e.User))
		b.ids = append(b.ids, string(e.ID))
	}
	text, err := json.Marshal(rows)
	b.drafts = string(text)
	return b, err
}

func rowOf(number int32, d *domain.Draft) draftRow {
	return draftRow{
		Number: number, EventID: d.EventID, Category: d.Category, Priority: d.Priority,
		Title: d.Title, Body: d.Body, Data: d.Data, CreatedAt: d.CreatedAt, ExpiresAt: d.ExpiresAt, Trace: d.Trace,
	}
}

// stored puts together what was sent and what the database added to it.
func stored(entries []domain.Entry, rows []insertedRow) []domain.Notification {
	inserted := make(map[domain.NotificationID]insertedRow, len(rows))
	for _, row := range rows {
		inserted[row.ID] = row
	}
	fresh := make([]domain.Notification, 0, len(rows))
	for _, e := range entries {
		row, ok := inserted[e.ID]
		if !ok {
			continue
		}
		d := e.Draft
		fresh = append(fresh, domain.Notification{
			ID: e.ID, User: e.User, Seq: row.Seq, Category: d.Category, Priority: d.Priority, Title: d.Title, Body: d.Body,
			Data: d.Data, CreatedAt: d.CreatedAt, StoredAt: row.StoredAt, ExpiresAt: d.ExpiresAt, Trace: d.Trace,
		})
	}
	slices.SortFunc(fresh, func(a, b domain.Notification) int {
		return cmp.Or(cmp.Compare(a.User, b.User), cmp.Compare(a.Seq, b.Seq))
	})
	return fresh
}
