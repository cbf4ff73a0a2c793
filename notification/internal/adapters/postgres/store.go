// Package postgres keeps inboxes in PostgreSQL and carries alerts over its
// LISTEN and NOTIFY.
package postgres

import (
	"embed"

	"github.com/loveapp/backend/notification/internal/ports"
	"github.com/loveapp/backend/shared/postgres"
)

// Schema holds the service's tables.
const Schema = "notification"

// Migrations make and change them.
//
//go:embed migrations/*.sql
var Migrations embed.FS

var _ ports.Store = (*Store)(nil)

// Store is the truth about all inboxes.
type Store struct{ db *postgres.DB }

// NewStore works on a database in which Migrations have run.
func NewStore(db *postgres.DB) *Store { return &Store{db: db} }
