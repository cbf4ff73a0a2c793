// Package argon2id is where auth's passwords meet the shared hashing.
package argon2id

import (
	"context"

	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/shared/argon2id"
)

// Passwords is a ports.Passwords.
type Passwords struct{ hasher *argon2id.Hasher }

// New hashes with the parameters.
func New(params argon2id.Params) *Passwords { return &Passwords{argon2id.New(params)} }

// Room implements ports.Passwords.
func (p *Passwords) Room(ctx context.Context) error { return p.hasher.Room(ctx) }

// Hash implements ports.Passwords.
func (p *Passwords) Hash(ctx context.Context, password domain.Password) (string, error) {
	return p.hasher.Hash(ctx, string(password))
}

// Check implements ports.Passwords.
func (p *Passwords) Check(ctx context.Context, password domain.Password, stored string) (matches, stale bool, err error) {
	return p.hasher.Check(ctx, string(password), stored)
}
