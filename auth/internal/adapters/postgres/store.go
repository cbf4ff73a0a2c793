// Package postgres keeps accounts, sessions, revocations and the journal in
// PostgreSQL. What decides who somebody is reads the primary; what only shows
// something to people may read a replica.
package postgres

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/jmoiron/sqlx"

	"github.com/loveapp/backend/auth/internal/ports"
	"github.com/loveapp/backend/shared/postgres"
)

// Schema holds the service's tables.
const Schema = "auth"

//go:embed migrations/*.sql
var migrations embed.FS

// Migrations are the schema's history.
func Migrations() fs.FS { return migrations }

// Store is every port that the database serves.
type Store struct{ db *postgres.DB }

// NewStore works on an open pool.
func NewStore(db *postgres.DB) *Store { return &Store{db} }

// Change runs work in one transaction.
func (s *Store) Change(ctx context.Context, work func(ports.Tx) error) error {
	return s.db.Tx(ctx, func(t *sqlx.Tx) error { return work(&tx{t}) })
}

// get reads one row, or fails with missing where there is none.
func (s *Store) get(ctx context.Context, dst any, missing error, query string, args ...any) error {
	err := s.db.Primary().GetContext(ctx, dst, query, args...)
	if errors.Is(err, sql.ErrNoRows) {
		return missing
	}
	return postgres.Classify(err)
}

// show reads all rows of what decides nothing.
func (s *Store) show(ctx context.Context, dst any, query string, args ...any) error {
	return postgres.Classify(s.db.Reader().SelectContext(ctx, dst, query, args...))
}

// list reads all rows.
func (s *Store) list(ctx context.Context, dst any, query string, args ...any) error {
	return postgres.Classify(s.db.Primary().SelectContext(ctx, dst, query, args...))
}

// touched tells whether a statement changed a row.
func touched(result sql.Result, err error) (bool, error) {
	if err != nil {
		return false, err
	}
	rows, err := result.RowsAffected()
	if err != nil {
		return false, fmt.Errorf("count the changed rows: %w", err)
	}
	return rows > 0, nil
}

type tx struct{ *sqlx.Tx }
