package memory

import (
	"context"
	"sync"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
)

var _ ports.Registry = (*Registry)(nil)

// Registry knows who is connected where; instances of one test share it.
type Registry struct {
	Outage

	now    func() time.Time
	mu     sync.Mutex
	leases map[domain.InstanceID]held
	begun  map[domain.Lease]bool
	byUser map[domain.UserID]map[domain.SocketID]domain.Connection
	rooms  map[domain.Room]map[domain.InstanceID]time.Time
	crowds map[domain.Origin]map[domain.InstanceID]crowd
}

type held struct {
	epoch domain.Epoch
	until time.Time
}

// NewRegistry makes an empty one whose leases run out by now's time.
func NewRegistry(now func() time.Time) *Registry {
	r := &Registry{now: now}
	r.Flush()
	return r
}

// Flush forgets everything, as FLUSHALL does.
func (r *Registry) Flush() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.leases, r.begun = map[domain.InstanceID]held{}, map[domain.Lease]bool{}
	r.byUser = map[domain.UserID]map[domain.SocketID]domain.Connection{}
	r.rooms = map[domain.Room]map[domain.InstanceID]time.Time{}
	r.crowds = map[domain.Origin]map[domain.InstanceID]crowd{}
}

// Begin implements ports.Leases.
func (r *Registry) Begin(_ context.Context, lease domain.Lease, ttl time.Duration) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.leases[lease.Instance] = held{lease.Epoch, r.now().Add(ttl)}
	r.begun[lease] = true
	return r.check()
}

// Renew implements ports.Leases.
func (r *Registry) Renew(_ context.Context, lease domain.Lease, ttl time.Duration) (bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.check(); err != nil || !r.held(lease) {
		return false, err
	}
	r.leases[lease.Instance] = held{lease.Epoch, r.now().Add(ttl)}
	return true, nil
}

func (r *Registry) held(lease domain.Lease) bool {
	h, ok := r.leases[lease.Instance]
	return ok && h.epoch == lease.Epoch && r.now().Before(h.until)
}

// End implements ports.Leases.
func (r *Registry) End(_ context.Context, lease domain.Lease) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.check(); err != nil || !r.held(lease) {
		return err
	}
	delete(r.leases, lease.Instance)
	return nil
}

// Held implements ports.Leases.
func (r *Registry) Held(_ context.Context, leases []domain.Lease) (map[domain.Lease]bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	living := map[domain.Lease]bool{}
	for _, lease := range leases {
		if r.held(lease) {
			living[lease] = true
		}
	}
	return living, r.check()
}

// Add implements ports.Connections.
func (r *Registry) Add(_ context.Context, connections []domain.Connection) ([]int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.check(); err != nil {
		return nil, err
	}
	for _, c := range connections {
		if r.byUser[c.User] == nil {
			r.byUser[c.User] = map[domain.SocketID]domain.Connection{}
		}
		r.byUser[c.User][c.Socket] = c
	}
	counts := make([]int, len(connections))
	for i, c := range connections {
		counts[i] = len(r.byUser[c.User])
	}
	return counts, nil
}

// Remove implements ports.Connections.
func (r *Registry) Remove(_ context.Context, connections []domain.Connection) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.check(); err != nil {
		return err
	}
	for _, c := range connections {
		delete(r.byUser[c.User], c.Socket)
	}
	return nil
}

// Of implements ports.Connections.
func (r *Registry) Of(_ context.Context, users []domain.UserID) ([]domain.Connection, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var connections []domain.Connection
	for _, user := range users {
		for _, c := range r.byUser[user] {
			connections = append(connections, c)
		}
	}
	return connections, r.check()
}

// Reap implements ports.Ghosts.
func (r *Registry) Reap(context.Context) (reaped int, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.check(); err != nil {
		return 0, err
	}
	for _, sockets := range r.byUser {
		for id, c := range sockets {
			if r.begun[c.Lease()] && !r.held(c.Lease()) {
				delete(sockets, id)
				reaped++
			}
		}
	}
	for lease := range r.begun {
		if !r.held(lease) {
			delete(r.begun, lease)
		}
	}
	return reaped, nil
}

// Count implements ports.Connections.
func (r *Registry) Count(context.Context) (map[domain.Lease]int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	counts := map[domain.Lease]int{}
	for _, sockets := range r.byUser {
		for _, c := range sockets {
			counts[c.Lease()]++
		}
	}
	return counts, r.check()
}
