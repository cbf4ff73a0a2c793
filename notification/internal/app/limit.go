package app

import (
	"context"

	"github.com/loveapp/backend/notification/internal/domain"
)

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
