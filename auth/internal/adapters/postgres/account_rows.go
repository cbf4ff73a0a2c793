package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/shared/postgres"
)

const (
	selectAccount = `SELECT ` + accountColumns + ` FROM users u`
	lockAccount   = selectAccount + ` WHERE u.id = $1 FOR UPDATE OF u`
	findAccount   = selectAccount + ` WHERE u.email = $1`
)

func (t *tx) account(ctx context.Context, query, key string) (domain.Account, error) {
	var row accountRow
	err := t.GetContext(ctx, &row, query, key)
	if errors.Is(err, sql.ErrNoRows) {
		return domain.Account{}, domain.ErrUserNotFound
	}
	if err != nil {
		return domain.Account{}, fmt.Errorf("read account: %w", err)
	}
	return row.account(), nil
}

// LockAccount waits for whoever has the row.
func (t *tx) LockAccount(ctx context.Context, id domain.UserID) (domain.Account, error) {
	return t.account(ctx, lockAccount, string(id))
}

// FindAccount looks by address.
func (t *tx) FindAccount(ctx context.Context, email domain.Email) (domain.Account, error) {
	return t.account(ctx, findAccount, string(email))
}

const updateAccount = `UPDATE users SET email = $2, email_verified = $3, phone = $4, phone_verified = $5, password_hash = $6,
	credential_version = $7, role = $8, active = $9, first_name = $10, last_name = $11, locale = $12, timezone = $13,
	updated_at = $14, delete_after = $15 WHERE id = $1`

// SaveAccount writes a locked account.
func (t *tx) SaveAccount(ctx context.Context, a domain.Account) error {
	_, err := t.ExecContext(ctx, updateAccount, string(a.ID), string(a.Email), a.EmailVerified, a.Phone, a.PhoneVerified, a.PasswordHash,
		a.CredentialVersion, string(a.Role), a.Active, a.FirstName, a.LastName, a.Locale, a.Timezone, a.UpdatedAt, orNull(a.DeleteAfter))
	if postgres.IsUnique(err, "users_email_unique") {
		return domain.ErrEmailTaken
	}
	if err != nil {
		return fmt.Errorf("update account: %w", err)
	}
	return nil
}

const claimPhone = `UPDATE users SET phone_verified = false WHERE phone = $2 AND phone_verified AND id <> $1`

// ClaimPhone is answered by the index users_by_verified_phone.
func (t *tx) ClaimPhone(ctx context.Context, by domain.UserID, phone string) error {
	if _, err := t.ExecContext(ctx, claimPhone, string(by), phone); err != nil {
		return fmt.Errorf("claim a number: %w", err)
	}
	return nil
}

// OtherSuperAdmins takes turns with whoever supervises.
func (t *tx) OtherSuperAdmins(ctx context.Context, than domain.UserID) (n int, err error) {
	if _, err := t.ExecContext(ctx, takeTurns); err != nil {
		return 0, fmt.Errorf("wait for administrators: %w", err)
	}
	if err := t.GetContext(ctx, &n, countSuperAdmins, string(than)); err != nil {
		return 0, fmt.Errorf("count the super administrators: %w", err)
	}
	return n, nil
}
