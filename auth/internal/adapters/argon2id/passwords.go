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

// Reserve implements ports.Passwords.
func (p *Passwords) Reserve(ctx context.Context) (reserved context.Context, leave func(), err error) {
	return p.hasher.Reserve(ctx)
}

// Hash implements ports.Passwords.
func (p *Passwords) Hash(ctx context.Context, password domain.Password) (string, error) {
	return p.hasher.Hash(ctx, string(password))
}

// Check implements ports.Passwords.
func (p *Passwords) Check(ctx context.Context, password domain.Password, stored string) (matches, stale bool, err error) {
	return p.hasher.Check(ctx, string(password), stored)
}
