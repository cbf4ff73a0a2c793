package app

import (
	"context"

	"github.com/loveapp/backend/notification/internal/domain"
)

// watchRevocations closes the sockets of sessions that have ended.
func (a *App) watchRevocations(ctx context.Context) {
	var sessions []*Session // one slice for all rounds: five a second of thousands of sockets would be most of the garbage
	every(ctx, a.pace.Revocation, func(context.Context) {
		sessions = a.roster.appendTo(sessions[:0])
		a.closeRevoked(sessions)
		clear(sessions) // it keeps nobody who has gone
	})
}

func (a *App) closeRevoked(sessions []*Session) {
	for _, s := range sessions {
		if a.revoked(s.identity()) {
			s.socket.Close(domain.SessionEnded)
		}
	}
}
