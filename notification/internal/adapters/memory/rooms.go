package memory

import (
	"context"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
)

// Occupy implements ports.Rooms.
func (r *Registry) Occupy(_ context.Context, room domain.Room, by domain.InstanceID, ttl time.Duration) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.check(); err != nil {
		return err
	}
	if r.rooms[room] == nil {
		r.rooms[room] = map[domain.InstanceID]time.Time{}
	}
	r.rooms[room][by] = r.now().Add(ttl)
	return nil
}

// Occupants implements ports.Rooms.
func (r *Registry) Occupants(_ context.Context, rooms []domain.Room) (map[domain.Room][]domain.InstanceID, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	occupants := map[domain.Room][]domain.InstanceID{}
	for _, room := range rooms {
		for instance, until := range r.rooms[room] {
			if r.now().Before(until) {
				occupants[room] = append(occupants[room], instance)
			}
		}
	}
	return occupants, r.check()
}
