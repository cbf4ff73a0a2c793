package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/shared/postgres"
)

const insertUser = `INSERT INTO users (id, email, email_verified, phone, phone_verified, password_hash, credential_version, role, active,
	first_name, last_name, locale, timezone, created_at, updated_at)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`

// AddUser inserts an account.
func (t *tx) AddUser(ctx context.Context, a domain.Account) error {
	_, err := t.ExecContext(ctx, insertUser, string(a.ID), string(a.Email), a.EmailVerified, a.Phone, a.PhoneVerified,
		a.PasswordHash, a.CredentialVersion, string(a.Role), a.Active, a.FirstName, a.LastName, a.Locale, a.Timezone, a.CreatedAt, a.UpdatedAt)
	if postgres.IsUnique(err, "users_email_unique") {
		return domain.ErrEmailTaken
	}
	if err != nil {
		return fmt.Errorf("insert user: %w", err)
	}
	return nil
}

const (
	lockUser   = selectByID + ` FOR UPDATE`
	updateUser = `UPDATE users SET first_name = $2, last_name = $3, locale = $4, timezone = $5, updated_at = $6 WHERE id = $1`
)

// EditUser changes the profile under the row's lock.
func (t *tx) EditUser(ctx context.Context, id domain.UserID, edit func(*domain.User) error) (domain.User, error) {
	var row userRow
	err := t.GetContext(ctx, &row, lockUser, string(id))
	if errors.Is(err, sql.ErrNoRows) {
		return domain.User{}, domain.ErrUserNotFound
	}
	if err != nil {
		return domain.User{}, fmt.Errorf("lock user: %w", err)
	}
	user := row.user()
	if err := edit(&user); err != nil || user == row.user() {
		return user, err
	}
	if _, err := t.ExecContext(ctx, updateUser, string(id), user.FirstName, user.LastName, user.Locale, user.Timezone, user.UpdatedAt); err != nil {
		return domain.User{}, fmt.Errorf("update user: %w", err)
	}
	return user, nil
}

const updateHash = `UPDATE users SET password_hash = $3 WHERE id = $1 AND credential_version = $2`

// Rehash replaces a hash of the same password.
func (t *tx) Rehash(ctx context.Context, id domain.UserID, credentialVersion int64, hash string) error {
	if _, err := t.ExecContext(ctx, updateHash, string(id), credentialVersion, hash); err != nil {
		return fmt.Errorf("update password hash: %w", err)
	}
	return nil
}
