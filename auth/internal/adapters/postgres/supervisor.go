package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/loveapp/backend/auth/internal/domain"
)

const (
	// takeTurns is one lock for all administrators: they are few, and what each
	// may do depends on who the others are.
	takeTurns = `SELECT pg_advisory_xact_lock(hashtext('auth supervision'))`

	countSuperAdmins = `SELECT count(*) FROM users u WHERE u.role = 'SUPER_ADMIN' AND u.active AND u.id <> $1`

	updateSupervised = `UPDATE users SET role = $2, active = $3, updated_at = $4 WHERE id = $1`
)

// Supervise changes role and active under the row's lock.
func (t *tx) Supervise(ctx context.Context, by, id domain.UserID, change func(domain.Supervision) error) (domain.User, error) {
	if _, err := t.ExecContext(ctx, takeTurns); err != nil {
		return domain.User{}, fmt.Errorf("wait for other administrators: %w", err)
	}
	user, err := t.one(ctx, domain.ErrUserNotFound, lockUser, id)
	if err != nil {
		return domain.User{}, err
	}
	staff, err := t.one(ctx, domain.ErrForbidden, selectByID, by)
	if err != nil {
		return domain.User{}, err
	}
	next := user
	s := domain.Supervision{By: staff, User: &next}
	if err := t.GetContext(ctx, &s.OtherSuperAdmins, countSuperAdmins, string(id)); err != nil {
		return domain.User{}, fmt.Errorf("count the super administrators: %w", err)
	}
	if err := change(s); err != nil || next == user {
		return user, err
	}
	if _, err := t.ExecContext(ctx, updateSupervised, string(id), string(next.Role), next.Active, next.UpdatedAt); err != nil {
		return domain.User{}, fmt.Errorf("update user: %w", err)
	}
	return next, nil
}

// one reads a user within the transaction.
func (t *tx) one(ctx context.Context, missing error, query string, id domain.UserID) (domain.User, error) {
	var row userRow
	err := t.GetContext(ctx, &row, query, string(id))
	if errors.Is(err, sql.ErrNoRows) {
		return domain.User{}, missing
	}
	if err != nil {
		return domain.User{}, fmt.Errorf("read user: %w", err)
	}
	return row.user(), nil
}

const insertCutOff = `INSERT INTO revocations (revision, user_id, before)
	VALUES ($1, $2, date_trunc('milliseconds', clock_timestamp()) + interval '1 millisecond')
	RETURNING revision, session_id, user_id, before, at`

// RevokeUser writes a cut-off into the feed.
func (t *tx) RevokeUser(ctx context.Context, user domain.UserID) (domain.Revocation, error) {
	if _, err := t.ExecContext(ctx, commitDurably); err != nil {
		return domain.Revocation{}, fmt.Errorf("ask for a durable commit: %w", err)
	}
	var revision int64
	if err := t.GetContext(ctx, &revision, takeRevisions, 1); err != nil {
		return domain.Revocation{}, fmt.Errorf("take a revision: %w", err)
	}
	var row revocationRow
	if err := t.GetContext(ctx, &row, insertCutOff, revision, string(user)); err != nil {
		return domain.Revocation{}, fmt.Errorf("insert revocation: %w", err)
	}
	return row.revocation(), nil
}
