package app

import (
	"context"
	"errors"
	"fmt"

	"github.com/loveapp/backend/auth/internal/domain"
)

// exportLimit of each kind: a session and some events a day for decades.
const exportLimit = 10_000

// Export gives everything that is held about the caller.
func (a *App) Export(ctx context.Context, caller Caller) (domain.Holding, error) {
	held, err := a.needs.Holdings.Holding(ctx, caller.User, exportLimit)
	switch {
	case errors.Is(err, domain.ErrUserNotFound), err == nil && !held.User.Active:
		return domain.Holding{}, domain.ErrSessionEnded
	case err != nil:
		return domain.Holding{}, fmt.Errorf("export: %w", err)
	}
	held.Issued = a.issuedTo(ctx, caller.User)
	return held, nil
}
