package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	shared "github.com/loveapp/backend/shared/postgres"
	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

// List implements ports.Reading.
func (s *Store) List(ctx context.Context, q ports.TicketQuery) ([]domain.Ticket, error) {
	const page = ` AND ($2 = '' OR t.status = $2) AND ($4::uuid IS NULL OR (t.created_at, t.id) < ($3::timestamptz, $4::uuid))
		ORDER BY t.created_at DESC, t.id DESC LIMIT $5`
	const own = `SELECT ` + ticketColumns + ` FROM tickets t WHERE t.reporter_id = $1` + page
	const helping = `SELECT ` + ticketColumns + ` FROM helpers h JOIN tickets t ON t.id = h.ticket_id
		WHERE h.user_id = $1 AND t.alarmed_at IS NOT NULL AND ` + stillAgrees + page
	query := own
	if q.AsHelper {
		query = helping
	}
	return s.readTickets(ctx, query, q.User, q.Status, q.Before.CreatedAt, idOrNull(q.Before.ID), q.Limit)
}

// readTickets reads a page of them, from a replica where it can.
func (s *Store) readTickets(ctx context.Context, query string, args ...any) ([]domain.Ticket, error) {
	var rows []ticketRow
	if err := s.db.Reader().SelectContext(ctx, &rows, query, args...); err != nil {
		return nil, shared.Classify(fmt.Errorf("list tickets: %w", err))
	}
	tickets := make([]domain.Ticket, 0, len(rows))
	for _, r := range rows {
		t, err := r.ticket()
		if err != nil {
			return nil, err
		}
		tickets = append(tickets, t)
	}
	return tickets, nil
}

type eventRow struct {
	Seq       int       `db:"seq"`
	At        time.Time `db:"at"`
	Kind      string    `db:"kind"`
	ActorID   string    `db:"actor_id"`
	ActorName string    `db:"actor_name"`
	ActorKind string    `db:"actor_kind"`
	Data      []byte    `db:"data"`
}

// Timeline implements ports.Reading.
func (s *Store) Timeline(ctx context.Context, id domain.TicketID, after, limit int) ([]domain.Event, error) {
	const read = `SELECT seq, at, kind, actor_id, actor_name, actor_kind, data FROM timeline WHERE ticket_id = $1 AND seq > $2 ORDER BY seq LIMIT $3`
	var rows []eventRow
	if err := s.db.Reader().SelectContext(ctx, &rows, read, id, after, limit); err != nil {
		return nil, shared.Classify(fmt.Errorf("read the timeline of %s: %w", id, err))
	}
	events := make([]domain.Event, 0, len(rows))
	for _, r := range rows {
		e := domain.Event{
			Seq: r.Seq, At: r.At.UTC(), Kind: domain.EventKind(r.Kind),
			By: domain.Actor{User: domain.UserID(r.ActorID), Name: r.ActorName, Roles: domain.RolesNamed(r.ActorKind)},
		}
		if len(r.Data) > 0 {
			if err := json.Unmarshal(r.Data, &e.Data); err != nil {
				return nil, fmt.Errorf("event %d of ticket %s: %w", r.Seq, id, err)
			}
		}
		events = append(events, e)
	}
	return events, nil
}
