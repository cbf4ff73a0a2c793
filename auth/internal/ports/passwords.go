package ports

import (
	"context"

	"github.com/loveapp/backend/auth/internal/domain"
)

// Passwords hashes and checks them. Hash and Check wait their turn and fail with
// fault.Unavailable where that would take too long.
type Passwords interface {
	// Room fails with fault.Unavailable where Hash and Check would at this moment.
	Room(ctx context.Context) error
	// Hash gives a PHC string with a new salt.
	Hash(ctx context.Context, password domain.Password) (string, error)
	// Check compares a password with a hash. "" stands for a user who does not
	// exist: it takes as long as any other and never matches. stale means that
	// the hash was made with other parameters than Hash uses now.
	Check(ctx context.Context, password domain.Password, hash string) (matches, stale bool, err error)
}
