package ports

import (
	"context"

	"github.com/loveapp/backend/notification/internal/domain"
)

// Preferences keep what people want to be disturbed by.
type Preferences interface {
	// Get gives the user's, the zero value where none were put.
	Get(ctx context.Context, user domain.UserID) (domain.Preferences, error)
	// Of gives those of the users who have put any.
	Of(ctx context.Context, users []domain.UserID) (map[domain.UserID]domain.Preferences, error)
	// Put replaces the user's, all of them.
	Put(ctx context.Context, user domain.UserID, p domain.Preferences) error
	// Forget removes the user's, if there are any.
	Forget(ctx context.Context, user domain.UserID) error
}
