package ports

import (
	"context"

	"github.com/loveapp/backend/auth/internal/domain"
)

// Providers verifies what identity providers sign.
type Providers interface {
	// Identify verifies signature, issuer, audience, times and nonce of an ID
	// token. It fails with domain.ErrProviderUnknown where no such provider is
	// configured, with domain.ErrIDToken for a token that is not good, and with
	// fault.Unavailable where the provider's keys cannot be had.
	Identify(ctx context.Context, token domain.ProviderToken) (domain.Identity, error)
}

// Identities finds accounts by what providers call their owners.
type Identities interface {
	// ByIdentity fails with domain.ErrUserNotFound where nobody has linked it.
	ByIdentity(ctx context.Context, provider, subject string) (domain.Account, error)
}

// IdentityWriter links identities.
type IdentityWriter interface {
	// LinkIdentity makes the identity a way into the user's account. It fails
	// with domain.ErrIdentityTaken where it is one into any already.
	LinkIdentity(ctx context.Context, provider, subject string, user domain.UserID) error
}
