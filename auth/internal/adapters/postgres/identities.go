package postgres

import (
	"context"
	"fmt"

	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/shared/postgres"
)

const selectByIdentity = `SELECT ` + accountColumns + ` FROM identities i JOIN users u ON u.id = i.user_id WHERE i.provider = $1 AND i.subject = $2`

// ByIdentity finds an account.
func (s *Store) ByIdentity(ctx context.Context, provider, subject string) (domain.Account, error) {
	var row accountRow
	if err := s.get(ctx, &row, domain.ErrUserNotFound, selectByIdentity, provider, subject); err != nil {
		return domain.Account{}, err
	}
	return row.account(), nil
}

const insertIdentity = `INSERT INTO identities (provider, subject, user_id) VALUES ($1, $2, $3)`

// LinkIdentity links.
func (t *tx) LinkIdentity(ctx context.Context, provider, subject string, user domain.UserID) error {
	_, err := t.ExecContext(ctx, insertIdentity, provider, subject, string(user))
	if postgres.IsUnique(err, "identities_unique") {
		return domain.ErrIdentityTaken
	}
	if err != nil {
		return fmt.Errorf("insert identity: %w", err)
	}
	return nil
}
