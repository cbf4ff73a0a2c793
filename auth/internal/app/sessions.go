package app

import (
	"context"
	"errors"
	"fmt"

	"github.com/loveapp/backend/auth/internal/domain"
)

// LiveSessions gives up to limit of the caller's live sessions below a session of
// theirs, the newest first, and whether there are more.
func (a *App) LiveSessions(ctx context.Context, caller Caller, below domain.SessionID, limit int) (sessions []domain.Session, more bool, err error) {
	brief, err := a.brief(ctx, caller.User)
	switch {
	case errors.Is(err, domain.ErrUserNotFound), err == nil && !brief.Active:
		return nil, false, domain.ErrSessionEnded
	case err != nil:
		return nil, false, err
	}
	page := domain.LiveSessions(caller.User, brief.Role, a.now())
	page.Below, page.Limit = below, limit+1
	if sessions, err = a.needs.Sessions.Live(ctx, page); err != nil {
		return nil, false, fmt.Errorf("list the sessions: %w", err)
	}
	more = len(sessions) > limit
	return sessions[:min(limit, len(sessions))], more, nil
}

// EndSession ends one session of the caller; somebody else's is not found.
func (a *App) EndSession(ctx context.Context, caller Caller, id domain.SessionID) error {
	ending := domain.Ending{User: caller.User, Only: id, Reason: domain.EndedByUser}
	ended, err := a.end(ctx, ending, func() domain.AuditEvent {
		return a.event(domain.AuditSignedOut, caller.User, id, caller.Origin, map[string]any{"by": string(caller.Session)})
	})
	if err == nil && len(ended) == 0 {
		return domain.ErrSessionNotFound
	}
	return err
}
