package postgres

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/loveapp/backend/auth/internal/domain"
)

// selectUsers walks the primary key downwards; what narrows it is compared row by row.
const selectUsers = `SELECT ` + userColumns + ` FROM users u
	WHERE ($1 = '' OR u.id = NULLIF($1, '')::uuid) AND ($2 = '' OR u.id < NULLIF($2, '')::uuid)
	AND ($3 = '' OR u.role = $3) AND ($4 = '' OR u.active = ($4 = 'true'))
	AND ($5 = '' OR position(lower($5) IN lower(concat_ws(' ', u.email, u.phone, u.first_name, u.last_name))) > 0)
	ORDER BY u.id DESC LIMIT $6`

// Users lists all users.
func (s *Store) Users(ctx context.Context, page domain.UserPage) ([]domain.User, error) {
	active := ""
	if page.Active != nil {
		active = fmt.Sprint(*page.Active)
	}
	var rows []userRow
	err := s.show(ctx, &rows, selectUsers, string(page.ID), string(page.Below), string(page.Role), active, page.Search, page.Limit)
	users := make([]domain.User, 0, len(rows))
	for _, row := range rows {
		users = append(users, row.user())
	}
	return users, err
}

// eventColumns go with eventRow and eventTables.
const (
	eventColumns = `e.id, e.at, e.kind, e.user_id, e.session_id, coalesce(o.ip, e.ip) AS ip, coalesce(o.user_agent, e.user_agent) AS user_agent, e.data`
	eventTables  = `audit_events e LEFT JOIN audit_origins o ON o.event_id = e.id`
)

const selectEvents = `SELECT ` + eventColumns + ` FROM ` + eventTables + `
	WHERE ($1 = '' OR e.user_id = NULLIF($1, '')::uuid) AND ($2 = '' OR e.kind = $2) AND ($3 = '' OR e.id < NULLIF($3, '')::uuid)
	ORDER BY e.id DESC LIMIT $4`

type eventRow struct {
	ID        string         `db:"id"`
	At        time.Time      `db:"at"`
	Kind      string         `db:"kind"`
	User      string         `db:"user_id"`
	Session   sql.NullString `db:"session_id"`
	IP        string         `db:"ip"`
	UserAgent string         `db:"user_agent"`
	Data      []byte         `db:"data"`
}

func (r eventRow) event() (domain.AuditEvent, error) {
	e := domain.AuditEvent{
		ID: r.ID, At: r.At.UTC(), Kind: domain.AuditKind(r.Kind), User: domain.UserID(r.User), Session: domain.SessionID(r.Session.String),
		Origin: domain.Origin{IP: r.IP, UserAgent: r.UserAgent},
	}
	if err := json.Unmarshal(r.Data, &e.Data); err != nil {
		return e, fmt.Errorf("decode audit event %s: %w", r.ID, err)
	}
	return e, nil
}

// Events lists the record.
func (s *Store) Events(ctx context.Context, page domain.AuditPage) ([]domain.AuditEvent, error) {
	var rows []eventRow
	if err := s.show(ctx, &rows, selectEvents, string(page.User), string(page.Kind), page.Below, page.Limit); err != nil {
		return nil, err
	}
	return decoded(rows)
}

// decoded is never nil.
func decoded(rows []eventRow) ([]domain.AuditEvent, error) {
	events := make([]domain.AuditEvent, 0, len(rows))
	for _, row := range rows {
		event, err := row.event()
		if err != nil {
			return nil, err
		}
		events = append(events, event)
	}
	return events, nil
}
