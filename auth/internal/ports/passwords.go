package ports

import (
	"context"

	"github.com/loveapp/backend/auth/internal/domain"
)

// Passwords hashes and checks them. Hash and Check wait their turn and fail with
// fault.Unavailable where that would take too long.
type Passwords interface {
	// Reserve takes a place for one Hash or Check with the context that it gives,
	// or fails with fault.Unavailable at once. leave gives the place back; it is
	// called whatever happens, and may be called again.
	Reserve(ctx context.Context) (reserved context.Context, leave func(), err error)
	// Hash gives a PHC string with a new salt.
	Hash(ctx context.Context, password domain.Password) (string, error)
	// Check compares a password with a hash. "" stands for a user who does not
	// exist: it takes as long as any other and never matches. stale means that
	// the hash was made with other parameters than Hash uses now.
	Check(ctx context.Context, password domain.Password, hash string) (matches, stale bool, err error)
}
