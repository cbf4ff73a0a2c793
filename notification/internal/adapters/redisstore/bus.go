package redisstore

import (
	"context"
	"fmt"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
	"github.com/loveapp/backend/shared/redispool"
)

var _ ports.Bus = (*Bus)(nil)

// Bus carries signals by publish and subscribe, on a channel for each instance:
// channels grow with instances and not with users, so a cluster, which tells
// every node of everything published, carries it too.
type Bus struct{ pool *redispool.Pool }

// NewBus works on pool.
func NewBus(pool *redispool.Pool) *Bus { return &Bus{pool: pool} }

// Publish implements ports.Bus.
func (b *Bus) Publish(ctx context.Context, signals map[domain.InstanceID]domain.Signal) error {
	commands := make([]redispool.Command, 0, len(signals))
	for instance, signal := range signals {
		payload, err := encodeSignal(signal)
		if err != nil {
			return err
		}
		commands = append(commands, command("PUBLISH", channelOf(instance), payload))
	}
	if _, err := b.pool.DoAll(ctx, commands); err != nil {
		return fmt.Errorf("publish to %d instances: %w", len(commands), err)
	}
	return nil
}

// Subscribe implements ports.Bus.
func (b *Bus) Subscribe(ctx context.Context, self domain.InstanceID, heard func(domain.Signal), ready func()) error {
	return b.pool.Subscribe(ctx, []string{channelOf(self)}, func(_ string, payload []byte) {
		if signal, ok := decodeSignal(payload); ok {
			heard(signal)
		}
	}, ready)
}
