package postgres

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/jmoiron/sqlx"

	shared "github.com/loveapp/backend/shared/postgres"
	"github.com/loveapp/backend/shared/tracing"
	"github.com/loveapp/backend/sos/internal/domain"
)

// oneOpen is the index that lets nobody have two open tickets of a kind.
const oneOpen = "tickets_one_open"

// pressMemo is what a press is remembered by.
type pressMemo struct {
	id     string
	merged bool
}

// save stores the ticket and everything that its commands brought about.
func save(ctx context.Context, tx *sqlx.Tx, c *domain.Case, memo *pressMemo) error {
	if c.Changed() {
		if err := saveTicket(ctx, tx, c.Ticket); err != nil {
			return err
		}
	}
	if !c.Changed() && memo == nil {
		return nil
	}
	if err := saveEffects(ctx, tx, c, memo); err != nil {
		return err
	}
	return saveWay(ctx, tx, c)
}

// saveWay makes fixes of where a press has moved the ticket.
func saveWay(ctx context.Context, tx *sqlx.Tx, c *domain.Case) error {
	way := c.Way()
	if way == nil {
		return nil
	}
	newest, err := newestFix(ctx, tx, c.Ticket.ID)
	if err != nil {
		return err
	}
	step := *way
	if newest.After(step.Newest) {
		step.Newest = newest
	}
	_, err = keepFixes(ctx, tx, c.Ticket, step)
	return err
}

// insertTicket stores one or, given more of them, several.
const insertTicket = `
	INSERT INTO tickets (id, reporter_id, reporter_name, status, priority, emergency_type, description, address, location, silent, drill,
		occurred_at, countdown_ends_at, alarmed_at, acknowledged_at, acknowledged_by, acknowledgers, escalation_level, escalation, outcome, reached_by,
		created_at, updated_at, closed_at, version, last_seq,
		guest_phone, guest_address, low_trust)
	VALUES (:id, :reporter_id, :reporter_name, :status, :priority, :emergency_type, :description, :address, :location, :silent, :drill,
		:occurred_at, :countdown_ends_at, :alarmed_at, :acknowledged_at, :acknowledged_by, :acknowledgers, :escalation_level, :escalation, :outcome, :reached_by,
		:created_at, :updated_at, :closed_at, :version, :last_seq,
		:guest_phone, :guest_address, :low_trust)`

func saveTicket(ctx context.Context, tx *sqlx.Tx, t domain.Ticket) error {
	const update = `
		UPDATE tickets SET status = :status, priority = :priority, emergency_type = :emergency_type, description = :description, address = :address,
			location = :location, countdown_ends_at = :countdown_ends_at, alarmed_at = :alarmed_at, acknowledged_at = :acknowledged_at,
			acknowledged_by = :acknowledged_by, acknowledgers = :acknowledgers, escalation_level = :escalation_level, escalation = :escalation, outcome = :outcome,
			reached_by = :reached_by, updated_at = :updated_at, closed_at = :closed_at, version = :version, last_seq = :last_seq,
			reporter_name = :reporter_name, guest_phone = :guest_phone
		WHERE id = :id`
	row, err := rowOf(t)
	if err != nil {
		return fmt.Errorf("encode ticket %s: %w", t.ID, err)
	}
	statement := update
	if t.Version == 1 {
		statement = insertTicket
	}
	if _, err := tx.NamedExecContext(ctx, statement, row); err != nil {
		return fmt.Errorf("store ticket %s: %w", t.ID, err)
	}
	return nil
}

func saveEffects(ctx context.Context, tx *sqlx.Tx, c *domain.Case, memo *pressMemo) error {
	// One statement, so that an alarm costs one round trip however many contacts it has.
	const insert = `
		WITH pressed AS (
			INSERT INTO presses (id, ticket_id, merged) SELECT $2::uuid, $1::uuid, $3 WHERE $2::uuid IS NOT NULL
		), joined AS (
			INSERT INTO helpers (ticket_id, position, contact_id, user_id, name)
			SELECT $1::uuid, h."position", h."contactId", h."userId", h.name
			FROM jsonb_to_recordset($4::jsonb) AS h ("position" integer, "contactId" uuid, "userId" text, name text)
		), lines AS (
			INSERT INTO timeline (ticket_id, seq, at, kind, actor_id, actor_name, actor_kind, data)
			SELECT $1::uuid, e.seq, e.at, e.kind, e."actorId", e."actorName", e."actorKind", e.data
			FROM jsonb_to_recordset($5::jsonb) AS e (seq integer, at timestamptz, kind text, "actorId" text, "actorName" text, "actorKind" text, data jsonb)
		), letters AS (
			INSERT INTO outbox (ticket_id, recipient, seq, alert, trace)
			SELECT $1::uuid, l.recipient, l.seq, l.alert, l.trace FROM jsonb_to_recordset($6::jsonb) AS l (recipient text, seq integer, alert jsonb, trace text)
			ORDER BY l.seq
		), ended AS (
			DELETE FROM timers WHERE ticket_id = $1::uuid AND ($7::text IS NULL OR (kind, level, round) <> ($7::text, $8::integer, $9::integer))
		)
		INSERT INTO timers (ticket_id, kind, level, round, due_at, trace)
		SELECT $1::uuid, $7::text, $8::integer, $9::integer, $10::timestamptz, $11::text WHERE $7::text IS NOT NULL
		ON CONFLICT (ticket_id, kind, level, round) DO UPDATE SET due_at = excluded.due_at`
	trace := tracing.Carried(ctx)
	helpers, events, letters, err := effects(c, trace)
	if err != nil {
		return fmt.Errorf("encode what came of ticket %s: %w", c.Ticket.ID, err)
	}
	var press sql.NullString
	merged := false
	if memo != nil {
		press, merged = sql.NullString{String: memo.id, Valid: true}, memo.merged
	}
	var kind sql.NullString
	timer, runs := c.Ticket.Timer()
	if runs {
		kind = sql.NullString{String: string(timer.Kind), Valid: true}
	}
	if _, err := tx.ExecContext(ctx, insert, c.Ticket.ID, press, merged, helpers, events, letters, kind, timer.Level, timer.Round, timer.Due, trace); err != nil {
		return fmt.Errorf("store what came of ticket %s: %w", c.Ticket.ID, err)
	}
	return nil
}

func effects(c *domain.Case, trace string) (helpers, events, letters string, err error) {
	joined, lines, alerts := effectsOf(c, trace)
	for _, doc := range []struct {
		into *string
		of   any
	}{{&helpers, joined}, {&events, lines}, {&letters, alerts}} {
		if *doc.into, err = text(doc.of); err != nil {
			return "", "", "", err
		}
	}
	return helpers, events, letters, nil
}

// effectsOf is what the commands have brought about, as part of the trace; never nil, which would be no JSON array.
func effectsOf(c *domain.Case, trace string) (joined []helperJSON, lines []eventJSON, alerts []letterJSON) {
	joined, lines, alerts = []helperJSON{}, []eventJSON{}, []letterJSON{}
	before := len(c.Helpers) - len(c.Joined())
	for i, h := range c.Joined() {
		joined = append(joined, helperJSON{before + i, string(h.Contact), string(h.User), h.Name, false})
	}
	for _, e := range c.Events() {
		lines = append(lines, eventJSON{e.Seq, e.At, string(e.Kind), string(e.By.User), e.By.Name, e.By.Kind(), e.Data})
	}
	for _, a := range c.Alerts() {
		alerts = append(alerts, letterJSON{string(a.Recipient), a.Seq, alertDocument(a), trace})
	}
	return joined, lines, alerts
}

// openTicketExists is what the index means to somebody who reopens a ticket.
func openTicketExists(err error) error {
	if shared.IsUnique(err, oneOpen) {
		return domain.ErrOpenTicketExists
	}
	return err
}
