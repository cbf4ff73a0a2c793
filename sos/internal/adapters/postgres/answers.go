package postgres

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"

	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

// answered tells whether the request has been answered in the last
// RepeatableFor, and reads what it led to. The caller holds a lock that keeps
// the same request out meanwhile.
func answered(ctx context.Context, tx *sqlx.Tx, once ports.Repeatable, into any) (bool, error) {
	const read = `SELECT body, answer FROM answers WHERE caller = $1 AND route = $2 AND key = $3 AND at > now() - make_interval(secs => $4)`
	if once.Key == "" {
		return false, nil
	}
	var row struct {
		Body   []byte `db:"body"`
		Answer []byte `db:"answer"`
	}
	err := tx.GetContext(ctx, &row, read, once.Caller, once.Route, once.Key, ports.RepeatableFor.Seconds())
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("look for an earlier answer: %w", err)
	case !bytes.Equal(row.Body, once.Body[:]):
		return false, domain.ErrKeyReused
	case into == nil:
		return true, nil
	}
	if err := json.Unmarshal(row.Answer, into); err != nil {
		return false, fmt.Errorf("read an earlier answer: %w", err)
	}
	return true, nil
}

// remember keeps what the request led to, in place of an answer that is too old to count.
func remember(ctx context.Context, tx *sqlx.Tx, once ports.Repeatable, answer any) error {
	const write = `
		INSERT INTO answers (caller, route, key, body, answer) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (caller, route, key) DO UPDATE SET body = excluded.body, answer = excluded.answer, at = excluded.at`
	if once.Key == "" {
		return nil
	}
	doc, err := text(answer)
	if err != nil {
		return fmt.Errorf("encode an answer: %w", err)
	}
	if _, err := tx.ExecContext(ctx, write, once.Caller, once.Route, once.Key, once.Body[:], doc); err != nil {
		return fmt.Errorf("remember an answer: %w", err)
	}
	return nil
}

// forgetAnswers looks at every answer, an hour after it did so before: there are
// those of a day. One that was replaced meanwhile is another row, and stays.
func forgetAnswers(ctx context.Context, tx *sqlx.Tx, limit int) (int, error) {
	const forget = `DELETE FROM answers WHERE ctid = ANY (ARRAY(SELECT ctid FROM answers WHERE at <= now() - make_interval(secs => $1) LIMIT $2))`
	result, err := tx.ExecContext(ctx, forget, ports.RepeatableFor.Seconds(), limit)
	if err != nil {
		return 0, fmt.Errorf("forget answers: %w", err)
	}
	n, err := result.RowsAffected()
	return int(n), err
}
