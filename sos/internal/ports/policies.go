package ports

import (
	"context"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
)

// StoredPolicy is a version of the escalation policy with who made it.
type StoredPolicy struct {
	Policy domain.Policy
	By     domain.UserID // "" for the built-in one
	At     time.Time     // zero for the built-in one
}

// Policies keeps every version of the escalation policy that was ever in force:
// what an administrator has changed can be read for good.
type Policies interface {
	// Policy gives the version in force: the built-in one, version 0, before any was stored.
	Policy(ctx context.Context) (StoredPolicy, error)
	// ReplacePolicy stores what change makes of the version in force as the next
	// version. Changes happen one after the other.
	ReplacePolicy(ctx context.Context, by domain.UserID, change func(current domain.Policy) (domain.Policy, error)) (StoredPolicy, error)
}

// Dispatchers keeps who the staff are, so that no call for help waits for auth.
type Dispatchers interface {
	// KeepDispatchers replaces the list; what is over domain.MaxDispatchers is left out.
	KeepDispatchers(ctx context.Context, ids []domain.UserID) error
	// Dispatchers gives the list by id.
	Dispatchers(ctx context.Context) ([]domain.UserID, error)
}

// Roster knows who the staff are now.
type Roster interface {
	// Staff gives up to limit active accounts with the role ADMIN or SUPER_ADMIN, by id.
	Staff(ctx context.Context, limit int) ([]domain.UserID, error)
}
