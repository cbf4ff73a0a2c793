// Package demo makes one account in a database that has none, so that a
// newcomer can sign in at once.
package demo

import (
	"context"
	"crypto/rand"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/loveapp/backend/deployments/allinone/internal/kept"
)

// email is in a domain that belongs to nobody (RFC 2606, section 3).
const email = "demo@example.com"

// Account is how to sign in. It is kept in the data folder, because the
// database has only a hash of the password.
type Account struct {
	Email    string `json:"email"`
	Password string `json:"password"`
	// Database is where the account lives: another database does not know it.
	Database string `json:"database"`
	// Registered is false from the choice of the password until auth has the account.
	Registered bool `json:"registered"`

	path string
}

// Prepare gives the account of the named database: the kept one, or where the
// database is still empty a new one; nil where it has neither. Call it before
// the first migration: afterwards the database is no longer empty.
func Prepare(dir, database string, empty bool) (*Account, error) {
	a := &Account{path: filepath.Join(dir, "demo.json")}
	if empty {
		a.Email, a.Password, a.Database = email, strings.ToLower(rand.Text()), database
		return a, kept.Write(a.path, a)
	}
	found, err := kept.Read(a.path, a)
	if err != nil || !found || a.Database != database {
		return nil, err
	}
	return a, nil
}

// Register makes the account at the gateway's URL, once. A crash in between is
// made good at the next start.
func (a *Account) Register(ctx context.Context, gateway string) error {
	if a.Registered {
		return nil
	}
	if err := register(ctx, gateway, a); err != nil {
		return fmt.Errorf("make the demo account: %w", err)
	}
	a.Registered = true
	return kept.Write(a.path, a)
}
