package app

import (
	"context"

	"github.com/loveapp/backend/notification/internal/domain"
)

// watchRevocations closes the sockets of sessions that have ended.
func (a *App) watchRevocations(ctx context.Context) {
	every(ctx, a.pace.Revocation, func(context.Context) { a.closeRevoked() })
}

func (a *App) closeRevoked() {
	for _, s := range a.roster.all() {
		if a.revoked(s.identity()) {
			s.socket.Close(domain.SessionEnded)
		}
	}
}
