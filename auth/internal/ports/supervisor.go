package ports

import (
	"context"

	"github.com/loveapp/backend/auth/internal/domain"
)

// Supervisor changes users on behalf of administrators.
type Supervisor interface {
	// Supervise gives change the administrator by and the user id as they are
	// now, and keeps role and active that result. Supervisions take turns, each
	// until the end of its transaction, so that two administrators cannot both
	// be the one before last. It fails with domain.ErrUserNotFound where there is
	// no user id, with domain.ErrForbidden where there is no by, or as change does.
	Supervise(ctx context.Context, by, id domain.UserID, change func(domain.Supervision) error) (domain.User, error)
	// RevokeUser revokes what was issued to the user until now, by the store's
	// clock: the cut-off is the next whole millisecond. Like EndSessions it
	// serialises all transactions that revoke, so it comes last.
	RevokeUser(ctx context.Context, user domain.UserID) (domain.Revocation, error)
}

// Records shows administrators what there is. It decides nothing, so it may be
// a moment old.
type Records interface {
	// Users gives the users of the page, the newest first.
	Users(ctx context.Context, page domain.UserPage) ([]domain.User, error)
	// Events gives the events of the page, the newest first.
	Events(ctx context.Context, page domain.AuditPage) ([]domain.AuditEvent, error)
}
