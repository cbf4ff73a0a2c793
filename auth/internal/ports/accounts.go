package ports

import (
	"context"

	"github.com/loveapp/backend/auth/internal/domain"
)

// Accounts finds users, as they are now.
type Accounts interface {
	// ByEmail fails with domain.ErrUserNotFound where nobody has the address.
	ByEmail(ctx context.Context, email domain.Email) (domain.Account, error)
	// ByID fails with domain.ErrUserNotFound.
	ByID(ctx context.Context, id domain.UserID) (domain.User, error)
}

// Directory finds users for others than themselves.
type Directory interface {
	// Matching gives each user that the lookup names once, by id. Addresses find
	// only users who have verified them; what is unknown is left out.
	Matching(ctx context.Context, lookup domain.Lookup) ([]domain.User, error)
	// HasRole says whether any active user has the role.
	HasRole(ctx context.Context, role domain.Role) (bool, error)
	// Staff gives up to limit active users with the role ADMIN or SUPER_ADMIN, by id.
	Staff(ctx context.Context, limit int) ([]domain.User, error)
}
