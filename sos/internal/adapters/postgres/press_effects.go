package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/loveapp/backend/sos/internal/domain"
)

// effectsOfMany is new tickets with everything that came of their presses, in as
// many statements as one takes.
type effectsOfMany struct {
	tickets []domain.Ticket
	presses []pressDoc
	helpers []ofTicket[helperJSON]
	lines   []ofTicket[eventJSON]
	letters []ofTicket[letterJSON]
	timers  []timerDoc
}

// newEffects is none: no list is nil, which would be no JSON array.
func newEffects() effectsOfMany {
	return effectsOfMany{
		presses: []pressDoc{}, helpers: []ofTicket[helperJSON]{}, lines: []ofTicket[eventJSON]{}, letters: []ofTicket[letterJSON]{}, timers: []timerDoc{},
	}
}

// ofTicket is something beside the id of the ticket that it belongs to.
type ofTicket[T any] struct {
	TicketID domain.TicketID `json:"ticketId"`
	Of       T               `json:"of"`
}

type pressDoc struct {
	ID       string          `json:"id"`
	TicketID domain.TicketID `json:"ticketId"`
	Merged   bool            `json:"merged"`
}

type timerDoc struct {
	TicketID domain.TicketID  `json:"ticketId"`
	Kind     domain.TimerKind `json:"kind"`
	Level    int              `json:"level"`
	Round    int              `json:"round"`
	Due      time.Time        `json:"due"`
	Trace    string           `json:"trace"`
}

func (m *effectsOfMany) add(c *domain.Case, memo pressMemo, trace string) {
	id := c.Ticket.ID
	m.tickets = append(m.tickets, c.Ticket)
	m.presses = append(m.presses, pressDoc{memo.id, id, memo.merged})
	joined, lines, alerts := effectsOf(c, trace)
	m.helpers = append(m.helpers, belongingTo(id, joined)...)
	m.lines = append(m.lines, belongingTo(id, lines)...)
	m.letters = append(m.letters, belongingTo(id, alerts)...)
	if t, runs := c.Ticket.Timer(); runs {
		m.timers = append(m.timers, timerDoc{id, t.Kind, t.Level, t.Round, t.Due, trace})
	}
}

func belongingTo[T any](id domain.TicketID, items []T) []ofTicket[T] {
	list := make([]ofTicket[T], 0, len(items))
	for _, item := range items {
		list = append(list, ofTicket[T]{id, item})
	}
	return list
}

func (m *effectsOfMany) save(ctx context.Context, tx *sqlx.Tx) error {
	if len(m.tickets) == 0 {
		return nil
	}
	rows := make([]ticketRow, 0, len(m.tickets))
	for _, t := range m.tickets {
		row, err := rowOf(t)
		if err != nil {
			return fmt.Errorf("encode ticket %s: %w", t.ID, err)
		}
		rows = append(rows, row)
	}
	if _, err := tx.NamedExecContext(ctx, insertTicket, rows); err != nil {
		return fmt.Errorf("store %d tickets: %w", len(rows), err)
	}
	return m.saveEffects(ctx, tx)
}

func (m *effectsOfMany) saveEffects(ctx context.Context, tx *sqlx.Tx) error {
	const insert = `
		WITH pressed AS (
			INSERT INTO presses (id, ticket_id, merged)
			SELECT p.id, p."ticketId", p.merged FROM jsonb_to_recordset($1::jsonb) AS p (id uuid, "ticketId" uuid, merged boolean)
		), joined AS (
			INSERT INTO helpers (ticket_id, position, contact_id, user_id, name)
			SELECT o."ticketId", h."position", h."contactId", h."userId", h.name
			FROM jsonb_to_recordset($2::jsonb) AS o ("ticketId" uuid, "of" jsonb),
				jsonb_to_record(o."of") AS h ("position" integer, "contactId" uuid, "userId" text, name text)
		), lines AS (
			INSERT INTO timeline (ticket_id, seq, at, kind, actor_id, actor_name, actor_kind, data)
			SELECT o."ticketId", e.seq, e.at, e.kind, e."actorId", e."actorName", e."actorKind", e.data
			FROM jsonb_to_recordset($3::jsonb) AS o ("ticketId" uuid, "of" jsonb),
				jsonb_to_record(o."of") AS e (seq integer, at timestamptz, kind text, "actorId" text, "actorName" text, "actorKind" text, data jsonb)
		), letters AS (
			INSERT INTO outbox (ticket_id, recipient, seq, alert, trace)
			SELECT o."ticketId", l.recipient, l.seq, l.alert, l.trace
			FROM jsonb_to_recordset($4::jsonb) AS o ("ticketId" uuid, "of" jsonb),
				jsonb_to_record(o."of") AS l (recipient text, seq integer, alert jsonb, trace text)
			ORDER BY l.seq
		)
		INSERT INTO timers (ticket_id, kind, level, round, due_at, trace)
		SELECT t."ticketId", t.kind, t.level, t.round, t.due, t.trace
		FROM jsonb_to_recordset($5::jsonb) AS t ("ticketId" uuid, kind text, level integer, round integer, due timestamptz, trace text)`
	var documents [5]any
	for i, of := range []any{m.presses, m.helpers, m.lines, m.letters, m.timers} {
		doc, err := text(of)
		if err != nil {
			return fmt.Errorf("encode what came of %d tickets: %w", len(m.tickets), err)
		}
		documents[i] = doc
	}
	if _, err := tx.ExecContext(ctx, insert, documents[:]...); err != nil {
		return fmt.Errorf("store what came of %d tickets: %w", len(m.tickets), err)
	}
	return nil
}
