package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/lib/pq"

	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/auth/internal/ports"
	"github.com/loveapp/backend/shared/postgres"
	"github.com/loveapp/backend/shared/tracing"
)

const insertOrder = `INSERT INTO orders (id, purpose, address, user_id, session_id, at, trace)
	VALUES ($1, $2, $3, NULLIF($4, '')::uuid, NULLIF($5, '')::uuid, $6, $7)`

// PlaceOrder inserts.
func (t *tx) PlaceOrder(ctx context.Context, o domain.Order) error {
	_, err := t.ExecContext(ctx, insertOrder, o.ID, string(o.Purpose), o.Address, string(o.User), string(o.Session), o.At, tracing.Carried(ctx))
	if err != nil {
		return fmt.Errorf("insert order: %w", err)
	}
	return nil
}

const takeOrder = `DELETE FROM orders WHERE id = (SELECT id FROM orders ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
	RETURNING id, purpose, address, user_id, session_id, at, trace`

// TakeOrder skips what another copy is taking.
func (t *tx) TakeOrder(ctx context.Context) (domain.Order, error) {
	var row struct {
		ID      string         `db:"id"`
		Purpose string         `db:"purpose"`
		Address string         `db:"address"`
		User    sql.NullString `db:"user_id"`
		Session sql.NullString `db:"session_id"`
		At      time.Time      `db:"at"`
		Trace   string         `db:"trace"`
	}
	err := t.GetContext(ctx, &row, takeOrder)
	if errors.Is(err, sql.ErrNoRows) {
		return domain.Order{}, ports.ErrNothingDue
	}
	if err != nil {
		return domain.Order{}, fmt.Errorf("take order: %w", err)
	}
	return domain.Order{
		ID: row.ID, Purpose: domain.Purpose(row.Purpose), Address: row.Address, User: domain.UserID(row.User.String),
		Session: domain.SessionID(row.Session.String), At: row.At.UTC(), Trace: row.Trace,
	}, nil
}

const insertMessage = `INSERT INTO messages (id, channel, template, address, locale, user_id, token_id, names_date, expires_at, trace)
	VALUES ($1, $2, $3, $4, $5, $6, NULLIF($7, '')::uuid, $8, $9, $10)`

// Post inserts.
func (t *tx) Post(ctx context.Context, m domain.Message) error {
	_, err := t.ExecContext(ctx, insertMessage, string(m.ID), string(m.Channel), string(m.Template), m.To, m.Locale, string(m.User),
		string(m.Token), orNull(m.Date), m.ExpiresAt, tracing.Carried(ctx))
	if err != nil {
		return fmt.Errorf("insert message: %w", err)
	}
	return nil
}

// leaseMessages counts the try before it is made: a copy that dies while sending
// has used one up.
const leaseMessages = `UPDATE messages m SET tries = m.tries + 1, due_at = now() + $2 * interval '1 millisecond'
	FROM (SELECT id FROM messages WHERE dead_at IS NULL AND due_at <= now() AND channel = ANY($1)
		ORDER BY due_at, id LIMIT $3 FOR UPDATE SKIP LOCKED) due
	WHERE m.id = due.id
	RETURNING m.id, m.channel, m.template, m.address, m.locale, m.user_id, m.token_id, m.names_date, m.tries, m.expires_at, m.trace`

type messageRow struct {
	ID        string         `db:"id"`
	Channel   string         `db:"channel"`
	Template  string         `db:"template"`
	Address   string         `db:"address"`
	Locale    string         `db:"locale"`
	User      string         `db:"user_id"`
	Token     sql.NullString `db:"token_id"`
	NamesDate sql.NullTime   `db:"names_date"`
	Tries     int            `db:"tries"`
	ExpiresAt time.Time      `db:"expires_at"`
	Trace     string         `db:"trace"`
}

// Due leases messages.
func (s *Store) Due(ctx context.Context, channels []domain.Channel, lease time.Duration, limit int) ([]domain.Message, error) {
	var rows []messageRow
	if err := s.list(ctx, &rows, leaseMessages, pq.Array(texts(channels)), lease.Milliseconds(), limit); err != nil {
		return nil, err
	}
	due := make([]domain.Message, 0, len(rows))
	for _, r := range rows {
		due = append(due, domain.Message{
			ID: domain.MessageID(r.ID), Channel: domain.Channel(r.Channel), Template: domain.Template(r.Template), To: r.Address, Locale: r.Locale,
			User: domain.UserID(r.User), Token: domain.TokenID(r.Token.String), Date: moment(r.NamesDate), Tries: r.Tries, ExpiresAt: r.ExpiresAt.UTC(), Trace: r.Trace,
		})
	}
	return due, nil
}

const (
	deleteMessage = `DELETE FROM messages WHERE id = $1`
	delayMessage  = `UPDATE messages SET due_at = now() + $2 * interval '1 millisecond', trouble = $3 WHERE id = $1`
	buryMessage   = `UPDATE messages SET dead_at = now(), address = '', trouble = $2 WHERE id = $1`
	sweepTokens   = `DELETE FROM one_time_tokens WHERE expires_at < $1`
	sweepMessages = `DELETE FROM messages WHERE dead_at < $1 OR expires_at < $1`
)

// Sent forgets a message.
func (s *Store) Sent(ctx context.Context, id domain.MessageID) error {
	return s.exec(ctx, deleteMessage, string(id))
}

// Later puts a message off.
func (s *Store) Later(ctx context.Context, id domain.MessageID, pause time.Duration, why string) error {
	return s.exec(ctx, delayMessage, string(id), pause.Milliseconds(), why)
}

// Dead gives a message up.
func (s *Store) Dead(ctx context.Context, id domain.MessageID, why string) error {
	return s.exec(ctx, buryMessage, string(id), why)
}

// Sweep forgets what is over.
func (s *Store) Sweep(ctx context.Context, before time.Time) error {
	return errors.Join(s.exec(ctx, sweepTokens, before), s.exec(ctx, sweepMessages, before))
}

func (s *Store) exec(ctx context.Context, statement string, args ...any) error {
	_, err := s.db.Primary().ExecContext(ctx, statement, args...)
	return postgres.Classify(err)
}
