package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/lib/pq"

	"github.com/loveapp/backend/auth/internal/domain"
)

const oneTimeColumns = `t.id, t.user_id, t.session_id, t.purpose, t.address, t.tries, t.created_at, t.expires_at`

type tokenRow struct {
	ID        string         `db:"id"`
	User      string         `db:"user_id"`
	Session   sql.NullString `db:"session_id"`
	Purpose   string         `db:"purpose"`
	Address   string         `db:"address"`
	Tries     int            `db:"tries"`
	CreatedAt time.Time      `db:"created_at"`
	ExpiresAt time.Time      `db:"expires_at"`
}

func (r tokenRow) token() domain.OneTimeToken {
	return domain.OneTimeToken{
		ID: domain.TokenID(r.ID), User: domain.UserID(r.User), Session: domain.SessionID(r.Session.String), Purpose: domain.Purpose(r.Purpose),
		Address: r.Address, Tries: r.Tries, CreatedAt: r.CreatedAt.UTC(), ExpiresAt: r.ExpiresAt.UTC(),
	}
}

const insertToken = `INSERT INTO one_time_tokens (id, user_id, session_id, purpose, address, tries, created_at, expires_at)
	VALUES ($1, $2, NULLIF($3, '')::uuid, $4, $5, $6, $7, $8)`

// AddToken inserts.
func (t *tx) AddToken(ctx context.Context, token domain.OneTimeToken) error {
	_, err := t.ExecContext(ctx, insertToken, string(token.ID), string(token.User), string(token.Session), string(token.Purpose),
		token.Address, token.Tries, token.CreatedAt, token.ExpiresAt)
	if err != nil {
		return fmt.Errorf("insert one-time token: %w", err)
	}
	return nil
}

const countOneTime = `SELECT count(*) FROM one_time_tokens t WHERE t.purpose = $1 AND (t.user_id = $2 OR t.address = $3) AND t.created_at > $4`

// CountTokens counts.
func (t *tx) CountTokens(ctx context.Context, purpose domain.Purpose, user domain.UserID, address string, since time.Time) (n int, _ error) {
	if err := t.GetContext(ctx, &n, countOneTime, string(purpose), string(user), address, since); err != nil {
		return 0, fmt.Errorf("count one-time tokens: %w", err)
	}
	return n, nil
}

const newestToken = `SELECT ` + oneTimeColumns + ` FROM one_time_tokens t WHERE t.user_id = $1 AND t.purpose = $2 ORDER BY t.id DESC LIMIT 1`

// NewestToken finds the latest.
func (t *tx) NewestToken(ctx context.Context, user domain.UserID, purpose domain.Purpose) (domain.OneTimeToken, error) {
	var row tokenRow
	err := t.GetContext(ctx, &row, newestToken, string(user), string(purpose))
	if errors.Is(err, sql.ErrNoRows) {
		return domain.OneTimeToken{}, domain.ErrLinkSpent
	}
	if err != nil {
		return domain.OneTimeToken{}, fmt.Errorf("read one-time token: %w", err)
	}
	return row.token(), nil
}

const countTry = `UPDATE one_time_tokens SET tries = tries + 1 WHERE id = $1`

// CountTry counts.
func (t *tx) CountTry(ctx context.Context, id domain.TokenID) error {
	if _, err := t.ExecContext(ctx, countTry, string(id)); err != nil {
		return fmt.Errorf("count a try: %w", err)
	}
	return nil
}

const spendToken = `DELETE FROM one_time_tokens WHERE id = $1`

// SpendToken decides the race: the second DELETE waits for the first and finds nothing.
func (t *tx) SpendToken(ctx context.Context, id domain.TokenID) error {
	spent, err := touched(t.ExecContext(ctx, spendToken, string(id)))
	if err != nil {
		return fmt.Errorf("spend one-time token: %w", err)
	}
	if !spent {
		return domain.ErrLinkSpent
	}
	return nil
}

const dropTokens = `DELETE FROM one_time_tokens WHERE user_id = $1 AND purpose = ANY($2)`

// DropTokens deletes.
func (t *tx) DropTokens(ctx context.Context, user domain.UserID, purposes ...domain.Purpose) error {
	if _, err := t.ExecContext(ctx, dropTokens, string(user), pq.Array(texts(purposes))); err != nil {
		return fmt.Errorf("drop one-time tokens: %w", err)
	}
	return nil
}

const selectToken = `SELECT ` + oneTimeColumns + ` FROM one_time_tokens t WHERE t.id = $1`

// Token finds a one-time token.
func (s *Store) Token(ctx context.Context, id domain.TokenID) (domain.OneTimeToken, error) {
	var row tokenRow
	if err := s.get(ctx, &row, domain.ErrLinkSpent, selectToken, string(id)); err != nil {
		return domain.OneTimeToken{}, err
	}
	return row.token(), nil
}
