package app

import (
	"context"
	"errors"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
)

// ErrSessionEnded: the token was revoked between its check and the connect.
var ErrSessionEnded = errors.New("the session has ended")

// Connect makes a socket the principal's. The order leaves no gap: first others
// learn where the user is, then the newest seq is read, then the client is told
// it, and what comes after it follows. A registry that is away fails nobody:
// what other instances then cannot route here, the sweeper finds.
func (a *App) Connect(ctx context.Context, p domain.Principal, socket ports.Socket) (*Session, error) {
	s := &Session{
		app: a, socket: socket, id: domain.SocketID(a.newID()), user: p.User, connectedAt: a.now(), principal: p,
	}
	s.progress.Rewind(0, 0) // catching up until it is opened
	a.roster.add(s)
	if a.revoked(p) { // the sweep over all sessions may have passed before this one was there
		s.Disconnect()
		return nil, ErrSessionEnded
	}
	a.enrol(ctx, s)
	newest, err := a.newest(ctx, p.User)
	if err != nil {
		s.Disconnect()
		return nil, err
	}
	if s.open(newest) {
		a.mend(s)
	}
	return s, nil
}

// open tells the client, under the lock that live notifications wait for.
func (s *Session) open(newest domain.Seq) (gap bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.socket.Send(&ports.Outgoing{Message: domain.Connected{
		Socket: s.id, User: s.user, Newest: newest, ExpiresAt: s.principal.ExpiresAt,
	}})
	s.opened = true
	s.progress.Passed(newest)
	_, _, gap = s.progress.Missing()
	return gap
}

func (a *App) newest(ctx context.Context, user domain.UserID) (domain.Seq, error) {
	marks, err := a.store.Newest(ctx, []domain.UserID{user})
	if err != nil || len(marks) == 0 {
		return 0, err
	}
	return marks[0].Newest, nil
}
