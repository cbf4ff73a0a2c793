package postgres

import (
	"context"

	"github.com/loveapp/backend/auth/internal/domain"
)

const selectProfile = `SELECT ` + userColumns + `, u.version FROM users u WHERE u.id = $1`

// Profile reads a replica where one has caught up.
func (s *Store) Profile(ctx context.Context, id domain.UserID) (domain.User, int64, error) {
	var rows []struct {
		userRow

		Version int64 `db:"version"`
	}
	if err := s.show(ctx, &rows, selectProfile, string(id)); err != nil {
		return domain.User{}, 0, err
	}
	if len(rows) == 0 {
		return domain.User{}, 0, domain.ErrUserNotFound
	}
	return rows[0].user(), rows[0].Version, nil
}
