package ports

import (
	"context"
	"time"

	"github.com/loveapp/backend/auth/internal/domain"
)

// Leaver erases accounts.
type Leaver interface {
	// EraseAccount removes a locked account with its sessions and tokens and
	// whatever else is held about the person, the record excepted, and orders the
	// services to do the same.
	EraseAccount(ctx context.Context, id domain.UserID, services []string) error
}

// Erasures are the orders to other services to forget somebody.
type Erasures interface {
	// Departed gives up to limit users whose time to come back is over at now.
	Departed(ctx context.Context, now time.Time, limit int) ([]domain.UserID, error)
	// DueErasures hands out up to limit orders, each with one more try counted and
	// to nobody else before the lease is over.
	DueErasures(ctx context.Context, lease time.Duration, limit int) ([]domain.Erasure, error)
	// Erased forgets the order.
	Erased(ctx context.Context, e domain.Erasure) error
	// EraseLater has it tried again after the pause.
	EraseLater(ctx context.Context, e domain.Erasure, pause time.Duration) error
}

// Eraser asks another service to forget a user; nil once it has.
type Eraser interface {
	Erase(ctx context.Context, service string, user domain.UserID) error
}

// Holdings reads everything that is held about a user.
type Holdings interface {
	// Holding gives up to limit of each kind, the newest first. It fails with
	// domain.ErrUserNotFound.
	Holding(ctx context.Context, id domain.UserID, limit int) (domain.Holding, error)
}
