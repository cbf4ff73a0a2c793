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

// enrol enters the session in the registry and closes what is beyond the
// user's limit: the oldest connections, wherever they are.
func (a *App) enrol(ctx context.Context, s *Session) {
	count, known := a.presence.enter(ctx, s)
	if !known { // at least those of this instance
		count = len(a.roster.of(s.user))
	}
	if count <= domain.MaxConnections {
		return
	}
	for instance, sockets := range a.surplus(ctx, s.user, known) {
		if instance == a.self {
			a.evict(sockets)
			continue
		}
		a.send(errand{to: instance, evicted: sockets})
	}
}

func (a *App) surplus(ctx context.Context, user domain.UserID, everywhere bool) map[domain.InstanceID][]domain.SocketID {
	live := a.local(user)
	if everywhere {
		if all, err := a.live(ctx, user); err == nil {
			live = all
		}
	}
	surplus := map[domain.InstanceID][]domain.SocketID{}
	for _, c := range domain.Surplus(live) {
		surplus[c.Instance] = append(surplus[c.Instance], c.Socket)
	}
	return surplus
}

func (a *App) local(user domain.UserID) []domain.Connection {
	var connections []domain.Connection
	for _, s := range a.roster.of(user) {
		connections = append(connections, s.connection(a.presence.lease()))
	}
	return connections
}

// live gives the user's connections everywhere; ghosts do not count.
func (a *App) live(ctx context.Context, user domain.UserID) ([]domain.Connection, error) {
	all, err := a.registry.Of(ctx, []domain.UserID{user})
	if err != nil {
		return nil, err
	}
	leases := make([]domain.Lease, 0, len(all))
	for _, c := range all {
		leases = append(leases, c.Lease())
	}
	held, err := a.registry.Held(ctx, leases)
	if err != nil {
		return nil, err
	}
	var living []domain.Connection
	for _, c := range all {
		if held[c.Lease()] {
			living = append(living, c)
		}
	}
	return living, nil
}

// evict closes sockets of this instance that are surplus.
func (a *App) evict(sockets []domain.SocketID) {
	wanted := map[domain.SocketID]bool{}
	for _, id := range sockets {
		wanted[id] = true
	}
	for _, s := range a.roster.all() {
		if wanted[s.id] {
			s.socket.Close(domain.Replaced)
		}
	}
}
