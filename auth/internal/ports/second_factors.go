package ports

import (
	"context"

	"github.com/loveapp/backend/auth/internal/domain"
)

// SecondFactorWriter changes what users have beside their passwords.
type SecondFactorWriter interface {
	// EditSecondFactor locks the user, gives edit the second factor, the zero
	// value where there is none, and keeps what results; none removes it. It
	// fails with domain.ErrUserNotFound, or as edit does.
	EditSecondFactor(ctx context.Context, user domain.UserID, edit func(*domain.SecondFactor) error) error
	// RenewCredentials raises the user's credential version: a sign-in that looked
	// at the credentials before opens no session.
	RenewCredentials(ctx context.Context, user domain.UserID) error
}

// SecondFactors looks at what users have beside their passwords, as it is now.
type SecondFactors interface {
	// HasSecondFactor says whether signing in takes a second factor of the user;
	// nobody has none.
	HasSecondFactor(ctx context.Context, user domain.UserID) (bool, error)
	// SealedByOthers gives up to limit users whose second factor was not sealed by that key.
	SealedByOthers(ctx context.Context, by string, limit int) ([]domain.UserID, error)
}
