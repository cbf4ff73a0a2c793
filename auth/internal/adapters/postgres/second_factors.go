package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/lib/pq"

	"github.com/loveapp/backend/auth/internal/domain"
)

const (
	selectFactor = `SELECT f.secret, f.sealed_by, f.confirmed_at, f.last_step, f.recovery, f.failures, f.lockouts, f.locked_until
	FROM second_factors f WHERE f.user_id = $1`

	upsertFactor = `INSERT INTO second_factors (user_id, secret, sealed_by, confirmed_at, last_step, recovery, failures, lockouts, locked_until)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
	ON CONFLICT (user_id) DO UPDATE SET secret = $2, sealed_by = $3, confirmed_at = $4, last_step = $5, recovery = $6, failures = $7, lockouts = $8, locked_until = $9`

	deleteFactor = `DELETE FROM second_factors WHERE user_id = $1`

	renewCredentials = `UPDATE users SET credential_version = credential_version + 1 WHERE id = $1` //nolint:gosec // a statement, no secret

	existsFactor = `SELECT EXISTS (SELECT FROM second_factors f WHERE f.user_id = $1 AND f.confirmed_at IS NOT NULL)`

	selectSealedByOthers = `SELECT f.user_id FROM second_factors f WHERE f.sealed_by <> $1 ORDER BY f.user_id LIMIT $2`
)

type factorRow struct {
	Secret      []byte        `db:"secret"`
	SealedBy    string        `db:"sealed_by"`
	ConfirmedAt sql.NullTime  `db:"confirmed_at"`
	LastStep    int64         `db:"last_step"`
	Recovery    pq.ByteaArray `db:"recovery"`
	Failures    int           `db:"failures"`
	Lockouts    int           `db:"lockouts"`
	LockedUntil sql.NullTime  `db:"locked_until"`
}

func (r factorRow) factor() domain.SecondFactor {
	f := domain.SecondFactor{
		Secret: r.Secret, SealedBy: r.SealedBy, LastStep: r.LastStep, Recovery: r.Recovery, Failures: r.Failures, Lockouts: r.Lockouts,
	}
	if r.ConfirmedAt.Valid {
		f.ConfirmedAt = r.ConfirmedAt.Time.UTC()
	}
	if r.LockedUntil.Valid {
		f.LockedUntil = r.LockedUntil.Time.UTC()
	}
	return f
}

// EditSecondFactor takes the user's row for a lock: the factor's may not be there yet.
func (t *tx) EditSecondFactor(ctx context.Context, user domain.UserID, edit func(*domain.SecondFactor) error) error {
	if _, err := t.one(ctx, domain.ErrUserNotFound, lockUser, user); err != nil {
		return err
	}
	var row factorRow
	err := t.GetContext(ctx, &row, selectFactor, string(user))
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("read second factor: %w", err)
	}
	before := row.factor()
	next := before
	if err := edit(&next); err != nil || reflect.DeepEqual(before, next) {
		return err
	}
	return t.keepFactor(ctx, user, next)
}

func (t *tx) keepFactor(ctx context.Context, user domain.UserID, f domain.SecondFactor) error {
	if !f.Exists() {
		if _, err := t.ExecContext(ctx, deleteFactor, string(user)); err != nil {
			return fmt.Errorf("delete second factor: %w", err)
		}
		return nil
	}
	recovery := pq.ByteaArray(f.Recovery)
	if recovery == nil {
		recovery = pq.ByteaArray{} // nil would be NULL
	}
	_, err := t.ExecContext(ctx, upsertFactor, string(user), f.Secret, f.SealedBy, orNull(f.ConfirmedAt), f.LastStep, recovery,
		f.Failures, f.Lockouts, orNull(f.LockedUntil))
	if err != nil {
		return fmt.Errorf("write second factor: %w", err)
	}
	return nil
}

func orNull(at time.Time) sql.NullTime { return sql.NullTime{Time: at, Valid: !at.IsZero()} }

// RenewCredentials makes sign-ins under way fail.
func (t *tx) RenewCredentials(ctx context.Context, user domain.UserID) error {
	if _, err := t.ExecContext(ctx, renewCredentials, string(user)); err != nil {
		return fmt.Errorf("raise the credential version: %w", err)
	}
	return nil
}

// HasSecondFactor looks for a confirmed one.
func (s *Store) HasSecondFactor(ctx context.Context, user domain.UserID) (has bool, err error) {
	err = s.get(ctx, &has, nil, existsFactor, string(user))
	return has, err
}

// SealedByOthers finds what an older key has sealed.
func (s *Store) SealedByOthers(ctx context.Context, by string, limit int) ([]domain.UserID, error) {
	users := []domain.UserID{}
	err := s.list(ctx, &users, selectSealedByOthers, by, limit)
	return users, err
}
