package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	shared "github.com/loveapp/backend/shared/postgres"
)

// LoadKeys gives auth's public keys as they were kept last, nil where they never were.
func (s *Store) LoadKeys(ctx context.Context) ([]byte, error) {
	const kept = `SELECT jwks FROM auth_keys`
	var set []byte
	if err := s.db.Primary().GetContext(ctx, &set, kept); errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	} else if err != nil {
		return nil, shared.Classify(fmt.Errorf("read the kept keys: %w", err))
	}
	return set, nil
}

// KeepKeys replaces them.
func (s *Store) KeepKeys(ctx context.Context, set []byte) error {
	const keep = `INSERT INTO auth_keys (jwks) VALUES ($1) ON CONFLICT (one) DO UPDATE SET jwks = excluded.jwks, kept_at = now()`
	if _, err := s.db.Primary().ExecContext(ctx, keep, string(set)); err != nil {
		return shared.Classify(fmt.Errorf("keep the keys: %w", err))
	}
	return nil
}
