package ports

import (
	"context"

	"github.com/loveapp/backend/auth/internal/domain"
)

// Sessions reads sessions and moves them on.
type Sessions interface {
	// Owned gives the session, ended or not, and its user. It fails with
	// domain.ErrSessionNotFound.
	Owned(ctx context.Context, id domain.SessionID) (domain.Session, domain.User, error)
	// Swap replaces generation, device, origin and times of a session, if it
	// still lives at the generation seen and its user is active; else it changes
	// nothing and says false. Of any number at once from one generation to the
	// next, one succeeds.
	Swap(ctx context.Context, seen int64, next domain.Session) (bool, error)
	// Live gives the sessions of the page that have not ended, the newest first.
	Live(ctx context.Context, page domain.SessionPage) ([]domain.Session, error)
}
