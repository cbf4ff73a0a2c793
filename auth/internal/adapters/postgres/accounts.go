package postgres

import (
	"context"

	"github.com/lib/pq"

	"github.com/loveapp/backend/auth/internal/domain"
)

// accountColumns go with accountRow.
const accountColumns = userColumns + `, u.password_hash, u.credential_version,
	EXISTS (SELECT FROM second_factors f WHERE f.user_id = u.id AND f.confirmed_at IS NOT NULL) AS mfa`

type accountRow struct {
	userRow

	PasswordHash      string `db:"password_hash"`
	CredentialVersion int64  `db:"credential_version"`
	MFA               bool   `db:"mfa"`
}

func (r accountRow) account() domain.Account {
	return domain.Account{User: r.user(), PasswordHash: r.PasswordHash, CredentialVersion: r.CredentialVersion, MFA: r.MFA}
}

const selectByEmail = `SELECT ` + accountColumns + ` FROM users u WHERE u.email = $1`

// ByEmail finds an account.
func (s *Store) ByEmail(ctx context.Context, email domain.Email) (domain.Account, error) {
	var row accountRow
	if err := s.get(ctx, &row, domain.ErrUserNotFound, selectByEmail, string(email)); err != nil {
		return domain.Account{}, err
	}
	return row.account(), nil
}

const selectByID = `SELECT ` + userColumns + ` FROM users u WHERE u.id = $1`

// ByID finds a user.
func (s *Store) ByID(ctx context.Context, id domain.UserID) (domain.User, error) {
	var row userRow
	if err := s.get(ctx, &row, domain.ErrUserNotFound, selectByID, string(id)); err != nil {
		return domain.User{}, err
	}
	return row.user(), nil
}

const selectMatching = `SELECT ` + userColumns + ` FROM users u
	WHERE u.id = ANY($1::uuid[]) OR (u.email_verified AND u.email = ANY($2)) OR (u.phone_verified AND u.phone = ANY($3))
	ORDER BY u.id`

// Matching finds users by id or verified address.
func (s *Store) Matching(ctx context.Context, l domain.Lookup) ([]domain.User, error) {
	var rows []userRow
	err := s.show(ctx, &rows, selectMatching, pq.Array(texts(l.IDs)), pq.Array(texts(l.Emails)), pq.Array(texts(l.Phones)))
	users := make([]domain.User, 0, len(rows))
	for _, row := range rows {
		users = append(users, row.user())
	}
	return users, err
}

const existsRole = `SELECT EXISTS (SELECT FROM users u WHERE u.role = $1 AND u.active)`

// HasRole looks for one active user with the role.
func (s *Store) HasRole(ctx context.Context, role domain.Role) (found bool, err error) {
	err = s.get(ctx, &found, nil, existsRole, string(role))
	return found, err
}

// selectStaff is answered by the index users_who_administer.
const selectStaff = `SELECT ` + userColumns + ` FROM users u WHERE u.role IN ('ADMIN', 'SUPER_ADMIN') AND u.active ORDER BY u.id LIMIT $1`

// Staff lists those who administer.
func (s *Store) Staff(ctx context.Context, limit int) ([]domain.User, error) {
	var rows []userRow
	err := s.show(ctx, &rows, selectStaff, limit)
	users := make([]domain.User, 0, len(rows))
	for _, row := range rows {
		users = append(users, row.user())
	}
	return users, err
}

// texts is never nil, which pq would send as NULL.
func texts[T ~string](values []T) []string {
	plain := make([]string, 0, len(values))
	for _, v := range values {
		plain = append(plain, string(v))
	}
	return plain
}
