package redisstore

import (
	"context"
	_ "embed" // the script
	"fmt"
	"time"

	"github.com/gomodule/redigo/redis"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/shared/redispool"
)

//go:embed occupy.lua
var occupySource string

// Occupy implements ports.Rooms.
func (r *Registry) Occupy(ctx context.Context, room domain.Room, by domain.InstanceID, ttl time.Duration) error {
	if _, err := r.occupy.Do(ctx, roomKey(room), string(by), ttl.Milliseconds()); err != nil {
		return fmt.Errorf("occupy a room: %w", err)
	}
	return nil
}

// Occupants implements ports.Rooms.
func (r *Registry) Occupants(ctx context.Context, rooms []domain.Room) (map[domain.Room][]domain.InstanceID, error) {
	commands := make([]redispool.Command, len(rooms))
	for i, room := range rooms {
		commands[i] = command("ZRANGE", roomKey(room), 0, -1)
	}
	replies, err := r.pool.DoAll(ctx, commands)
	if err != nil {
		return nil, fmt.Errorf("look for the occupants of %d rooms: %w", len(rooms), err)
	}
	occupants := map[domain.Room][]domain.InstanceID{}
	for i, reply := range replies {
		instances, err := redis.Strings(reply, nil)
		if err != nil {
			return nil, err
		}
		for _, instance := range instances {
			occupants[rooms[i]] = append(occupants[rooms[i]], domain.InstanceID(instance))
		}
	}
	return occupants, nil
}
