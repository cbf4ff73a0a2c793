package ports

import (
	"context"
	"time"

	"github.com/loveapp/backend/auth/internal/domain"
)

// Profiles shows users what is known of them. It decides nothing, so it may be
// a moment old where the primary cannot be asked how far it is. Otherwise it
// shows every change that was answered before.
type Profiles interface {
	// Profile gives the user and the version of the account, which grows with
	// every change of it. It fails with domain.ErrUserNotFound.
	Profile(ctx context.Context, id domain.UserID) (domain.User, int64, error)
}

// Briefs remembers users for all copies. It may forget any of them at any time,
// and nothing that decides about sign-ins, tokens or revocation asks it.
type Briefs interface {
	// Brief gives what is remembered; known is false where nothing is.
	Brief(ctx context.Context, id domain.UserID) (brief domain.Brief, known bool, err error)
	// KeepBrief remembers it for domain.BriefLife, unless a newer version is
	// remembered already: whoever has read an older one comes too late.
	KeepBrief(ctx context.Context, id domain.UserID, brief domain.Brief) error
	// DropBrief forgets the user.
	DropBrief(ctx context.Context, id domain.UserID) error
}

// Issues remembers which access token each session was given last, likewise.
type Issues interface {
	// Issued gives those of the user's sessions that have not expired, in no order.
	Issued(ctx context.Context, user domain.UserID) ([]domain.Issue, error)
	// KeepIssued remembers them; all of a user's are forgotten life after the last.
	KeepIssued(ctx context.Context, issues []domain.Issue, life time.Duration) error
	// DropIssued forgets those of the sessions, or of all the user's where none is named.
	DropIssued(ctx context.Context, user domain.UserID, sessions ...domain.SessionID) error
}
