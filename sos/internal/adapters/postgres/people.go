package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	shared "github.com/loveapp/backend/shared/postgres"
	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

// Name implements ports.People.
func (s *Store) Name(ctx context.Context, id domain.UserID) (ports.KnownName, bool, error) {
	const read = `SELECT name, extract(epoch FROM now() - refreshed_at)::float8 AS age FROM people WHERE user_id = $1`
	var row struct {
		Name string  `db:"name"`
		Age  float64 `db:"age"`
	}
	err := s.db.Primary().GetContext(ctx, &row, read, id)
	if errors.Is(err, sql.ErrNoRows) {
		return ports.KnownName{}, false, nil
	}
	if err != nil {
		return ports.KnownName{}, false, shared.Classify(fmt.Errorf("read a name: %w", err))
	}
	return ports.KnownName{Name: row.Name, Age: time.Duration(row.Age * float64(time.Second))}, true, nil
}

// Remember implements ports.People.
func (s *Store) Remember(ctx context.Context, id domain.UserID, name string) error {
	const sign = `UPDATE tickets SET reporter_name = $2 WHERE reporter_id = $1 AND reporter_name = '' AND closed_at IS NULL`
	const write = `
		INSERT INTO people (user_id, name) VALUES ($1, $2)
		ON CONFLICT (user_id) DO UPDATE SET name = excluded.name, refreshed_at = excluded.refreshed_at`
	return s.db.Tx(ctx, func(tx *sqlx.Tx) error {
		if name != "" { // tickets before people, as where a person is erased
			if _, err := tx.ExecContext(ctx, sign, id, name); err != nil {
				return fmt.Errorf("sign open tickets: %w", err)
			}
		}
		if _, err := tx.ExecContext(ctx, write, id, name); err != nil {
			return fmt.Errorf("remember a name: %w", err)
		}
		return nil
	})
}
