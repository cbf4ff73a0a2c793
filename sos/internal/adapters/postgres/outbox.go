package postgres

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/lib/pq"

	"github.com/loveapp/backend/shared/idgen"
	shared "github.com/loveapp/backend/shared/postgres"
	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

// isHead: nothing earlier of the ticket to this recipient waits. A leased alert
// still waits, so what follows it stays where it is until its fate is known.
//
// coalesce keeps the planner from the index of what waits. Nearly nothing does
// when it looks, so it would go through all of that for each alert: 200 ms a
// claim with 500 waiting, where this takes one look into outbox_once for each.
const isHead = ` NOT EXISTS (
	SELECT FROM outbox e WHERE e.ticket_id = o.ticket_id AND e.recipient = o.recipient AND e.seq < o.seq AND coalesce(e.fate, '') = '')`

// A lease is nothing but a due time in the future with a name on it: when the
// process that holds it dies, the alert becomes due by itself.
const claimAlerts = `
	WITH due AS (
		SELECT o.id, o.recipient FROM outbox o WHERE o.fate IS NULL AND o.due_at <= now() AND` + isHead + `
		ORDER BY o.due_at, o.id LIMIT $1 FOR UPDATE OF o SKIP LOCKED
	)
	UPDATE outbox SET lease = $2, due_at = now() + make_interval(secs => $3), attempts = attempts + 1
	FROM due LEFT JOIN contacts c
		ON c.id = CASE WHEN due.recipient ~ '^contact:[0-9a-f-]{36}$' THEN substr(due.recipient, 9)::uuid END AND c.user_id = due.recipient AND c.status = 'active'
	WHERE outbox.id = due.id
	RETURNING outbox.id, ticket_id, seq, outbox.recipient, alert, attempts, queued_at, trace,
		extract(epoch FROM clock_timestamp() - queued_at)::float8 * 1000 AS waited_ms,
		c.name AS contact_name, c.email AS contact_email, c.phone AS contact_phone, c.locale AS contact_locale, c.agreed_by AS contact_agreed_by`

// coalesce is here for the same reason as in isHead. What awaits a channel is
// looked at more closely than the rest, which does not pay for that.
const settleAlerts = `
	WITH told AS (
		SELECT id, after, fate = 'delivered' AS sure, nullif(CASE WHEN fate = 'awaiting_channel' AND EXISTS (
				SELECT FROM outbox w JOIN tickets t ON t.id = w.ticket_id WHERE w.id = r.id AND t.closed_at IS NULL
					AND NOT EXISTS (SELECT FROM outbox l WHERE l.ticket_id = w.ticket_id AND l.recipient = w.recipient AND l.seq > w.seq))
			THEN 'retry' ELSE fate END, 'retry') AS fate
		FROM unnest($2::bigint[], $3::text[], $4::float8[]) AS r (id, fate, after)
	)
	UPDATE outbox o SET lease = NULL, fate = told.fate, settled_at = CASE WHEN told.fate IS NOT NULL THEN now() END,
		due_at = now() + make_interval(secs => told.after)
	FROM told
	WHERE o.id = told.id AND coalesce(o.fate, '') = '' AND (told.sure OR o.lease = $1)`

type letterRow struct {
	ID       int64     `db:"id"`
	TicketID string    `db:"ticket_id"`
	Seq      int       `db:"seq"`
	To       string    `db:"recipient"`
	Alert    []byte    `db:"alert"`
	Attempts int       `db:"attempts"`
	QueuedAt time.Time `db:"queued_at"`
	WaitedMS float64   `db:"waited_ms"`
	Trace    string    `db:"trace"`

	// Of a contact without the app who takes letters.
	ContactName   sql.NullString `db:"contact_name"`
	ContactEmail  sql.NullString `db:"contact_email"`
	ContactPhone  sql.NullString `db:"contact_phone"`
	ContactLocale sql.NullString `db:"contact_locale"`
	ContactAgreed sql.NullString `db:"contact_agreed_by"`
}

// mailbox is where the recipient is written to; nowhere where they have the app.
func (r letterRow) mailbox() domain.Mailbox {
	if !r.ContactName.Valid {
		return domain.Mailbox{}
	}
	user := domain.UserID(r.To)
	return domain.Contact{
		ID: user.ContactOf(), User: user, Status: domain.Active, Email: r.ContactEmail.String, Phone: r.ContactPhone.String,
		Locale: r.ContactLocale.String, AgreedBy: domain.AddressChannel(r.ContactAgreed.String),
	}.Mailbox()
}

// Claim implements ports.Outbox.
func (s *Store) Claim(ctx context.Context, limit int, lease time.Duration) (ports.Claim, error) {
	batch := ports.Claim{Lease: idgen.NewV7()}
	var rows []letterRow
	if err := s.db.Primary().SelectContext(ctx, &rows, claimAlerts, limit, batch.Lease, lease.Seconds()); err != nil {
		return ports.Claim{}, shared.Classify(fmt.Errorf("claim alerts: %w", err))
	}
	slices.SortFunc(rows, func(a, b letterRow) int { return cmp.Compare(a.ID, b.ID) })
	for _, r := range rows {
		var doc alertJSON
		if err := json.Unmarshal(r.Alert, &doc); err != nil {
			batch.Unreadable = append(batch.Unreadable, r.ID)
			continue
		}
		batch.Deliveries = append(batch.Deliveries, ports.Delivery{
			ID: r.ID, Alert: doc.alert(r.TicketID, r.Seq, r.To), Attempt: r.Attempts, QueuedAt: r.QueuedAt.UTC(),
			Waited: time.Duration(r.WaitedMS * float64(time.Millisecond)), To: r.mailbox(), Name: r.ContactName.String, Trace: r.Trace,
		})
	}
	return batch, nil
}

// Settle implements ports.Outbox.
func (s *Store) Settle(ctx context.Context, lease string, results []ports.Settlement) error {
	ids, fates, pauses := make(pq.Int64Array, len(results)), make(pq.StringArray, len(results)), make(pq.Float64Array, len(results))
	for i, r := range results {
		ids[i], fates[i], pauses[i] = r.ID, string(r.Fate), r.After.Seconds()
	}
	if _, err := s.db.Primary().ExecContext(ctx, settleAlerts, lease, ids, fates, pauses); err != nil {
		return shared.Classify(fmt.Errorf("settle alerts: %w", err))
	}
	return nil
}

// Hurry implements ports.Outbox.
func (s *Store) Hurry(ctx context.Context, limit int) error {
	const hurry = `
		UPDATE outbox SET due_at = now() WHERE id IN (
			SELECT o.id FROM outbox o WHERE o.fate IS NULL AND o.lease IS NULL AND o.due_at > now() AND` + isHead + `
			ORDER BY o.id LIMIT $1 FOR UPDATE OF o SKIP LOCKED)`
	if _, err := s.db.Primary().ExecContext(ctx, hurry, limit); err != nil {
		return shared.Classify(fmt.Errorf("hurry alerts: %w", err))
	}
	return nil
}
