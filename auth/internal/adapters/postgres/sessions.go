package postgres

import (
	"context"
	"fmt"

	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/shared/postgres"
)

const selectOwned = `SELECT ` + userColumns + `, ` + sessionColumns + `
	FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.id = $1`

// Owned finds a session and its user.
func (s *Store) Owned(ctx context.Context, id domain.SessionID) (domain.Session, domain.User, error) {
	var row struct {
		userRow
		sessionRow
	}
	if err := s.get(ctx, &row, domain.ErrSessionNotFound, selectOwned, string(id)); err != nil {
		return domain.Session{}, domain.User{}, err
	}
	return row.session(), row.user(), nil
}

// swap decides the race: under READ COMMITTED a second UPDATE waits for the
// first and then finds another generation, or an end.
const swap = `UPDATE sessions s SET generation = $3, device_id = $4, ip = $5, user_agent = $6, rotated_at = $7, last_used_at = $8
	WHERE s.id = $1 AND s.generation = $2 AND s.ended_at IS NULL AND EXISTS (SELECT FROM users u WHERE u.id = s.user_id AND u.active)`

// Swap moves a session on if nobody else has.
func (s *Store) Swap(ctx context.Context, seen int64, next domain.Session) (bool, error) {
	swapped, err := touched(s.db.Primary().ExecContext(ctx, swap, string(next.ID), seen,
		next.Generation, string(next.Device), next.Origin.IP, next.Origin.UserAgent, next.RotatedAt, next.LastUsedAt))
	return swapped, postgres.Classify(err)
}

const selectLive = `SELECT ` + sessionColumns + ` FROM sessions s
	WHERE s.user_id = $1 AND s.ended_at IS NULL AND s.last_used_at > $2 AND s.created_at > $3 AND ($4 = '' OR s.id < NULLIF($4, '')::uuid)
	ORDER BY s.id DESC LIMIT $5`

// Live lists a user's sessions.
func (s *Store) Live(ctx context.Context, page domain.SessionPage) ([]domain.Session, error) {
	var rows []sessionRow
	err := s.show(ctx, &rows, selectLive, string(page.User), page.UsedAfter, page.OpenedAfter, string(page.Below), page.Limit)
	live := make([]domain.Session, 0, len(rows))
	for _, row := range rows {
		live = append(live, row.session())
	}
	return live, err
}

const insertSession = `INSERT INTO sessions (id, user_id, device_id, device_name, ip, user_agent, salt, generation, rotated_at, last_used_at, created_at)
	SELECT $1, u.id, $3, $4, $5, $6, $7, $8, $9, $10, $11
	FROM (SELECT id FROM users WHERE id = $2 AND active AND credential_version = $12 FOR SHARE) u`

// OpenSession holds the user's row shared until commit: a change of the
// password, or a ban, comes either before and is seen, or after and ends this session too.
func (t *tx) OpenSession(ctx context.Context, s domain.Session, credentialVersion int64) error {
	opened, err := touched(t.ExecContext(ctx, insertSession, string(s.ID), string(s.UserID), string(s.Device), s.DeviceName,
		s.Origin.IP, s.Origin.UserAgent, s.Salt, s.Generation, s.RotatedAt, s.LastUsedAt, s.CreatedAt, credentialVersion))
	if err != nil {
		return fmt.Errorf("insert session: %w", err)
	}
	if !opened {
		return domain.ErrInvalidCredentials
	}
	return nil
}
