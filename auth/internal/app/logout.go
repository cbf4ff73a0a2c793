package app

import (
	"context"

	"github.com/loveapp/backend/auth/internal/domain"
)

// Scope says which of the caller's sessions to end.
type Scope string

// The scopes.
const (
	Current Scope = "current"
	Others  Scope = "others"
	All     Scope = "all"
)

// Logout ends sessions of the caller. Ending none is no error: the caller wanted them gone.
func (a *App) Logout(ctx context.Context, caller Caller, scope Scope) error {
	ending := domain.Ending{User: caller.User, Reason: domain.EndedByUser}
	switch scope {
	case All:
	case Others:
		ending.Except = caller.Session
	default:
		ending.Only = caller.Session
	}
	_, err := a.end(ctx, ending, func() domain.AuditEvent {
		return a.event(domain.AuditSignedOut, caller.User, caller.Session, caller.Origin, map[string]any{"scope": string(scope)})
	})
	return err
}
