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
	s, newest, err := a.arrive(ctx, p, socket)
	if err != nil {
		return nil, err
	}
	if s.open(newest, false) {
		a.mend(s)
	}
	return s, nil
}

// ConnectAfter is Connect and Resume in one, so that nothing live goes ahead of
// what the client has missed since after: a cursor that is told to the client
// with each message never skips anything. The caller calls bring once, when it
// has the session.
func (a *App) ConnectAfter(ctx context.Context, p domain.Principal, socket ports.Socket, after domain.Seq) (s *Session, bring func(context.Context) error, err error) {
	s, newest, err := a.arrive(ctx, p, socket)
	if err != nil {
		return nil, nil, err
	}
	if after <= newest {
		s.openAfter(after, newest)
		return s, func(ctx context.Context) error { return s.bring(ctx, newest) }, nil
	}
	if s.open(newest, true) {
		a.mend(s)
	}
	return s, func(context.Context) error { return nil }, nil
}

// arrive makes everything of a session but its first words, and gives the newest
// seq of its inbox.
func (a *App) arrive(ctx context.Context, p domain.Principal, socket ports.Socket) (*Session, domain.Seq, error) {
	s := &Session{
		app: a, socket: socket, id: domain.SocketID(a.newID()), user: p.User, connectedAt: a.now(), principal: p,
	}
	s.progress.Rewind(0, 0) // catching up until it is opened
	a.roster.add(s)
	if a.revoked(p) { // the sweep over all sessions may have passed before this one was there
		s.Disconnect()
		return nil, 0, ErrSessionEnded
	}
	a.enrol(ctx, s)
	newest, err := a.newest(ctx, p.User)
	if err != nil {
		s.Disconnect()
		return nil, 0, err
	}
	return s, newest, nil
}

// open tells the client, under the lock that live notifications wait for. reset:
// the client's memory is of another time.
func (s *Session) open(newest domain.Seq, reset bool) (gap bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.greet(newest, false)
	if reset {
		s.socket.Send(&ports.Outgoing{Message: domain.Reset{Seq: newest}})
	}
	s.progress.Passed(newest)
	_, _, gap = s.progress.Missing()
	return gap
}

// openAfter is open where a resume begins with it.
func (s *Session) openAfter(after, newest domain.Seq) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.greet(newest, true)
	s.rewind(after, newest)
}

func (s *Session) greet(newest domain.Seq, resumes bool) {
	s.socket.Send(&ports.Outgoing{Message: domain.Connected{
		Socket: s.id, User: s.user, Newest: newest, ExpiresAt: s.principal.ExpiresAt, Resumes: resumes,
	}})
	s.opened = true
}
