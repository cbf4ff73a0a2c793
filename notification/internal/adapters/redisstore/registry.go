package redisstore

import (
	"context"
	_ "embed" // the scripts
	"fmt"
	"slices"
	"time"

	"github.com/gomodule/redigo/redis"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
	"github.com/loveapp/backend/shared/redispool"
)

var _ ports.Registry = (*Registry)(nil)

var (
	//go:embed renew.lua
	renewSource string
	//go:embed end.lua
	endSource string
	//go:embed forget.lua
	forgetSource string
)

// Registry knows who is connected where.
type Registry struct {
	pool   *redispool.Pool
	renew  *redispool.Script
	end    *redispool.Script
	occupy *redispool.Script
	crowd  *redispool.Script

	forgetUnchanged *redispool.Script
}

// NewRegistry works on pool.
func NewRegistry(pool *redispool.Pool) *Registry {
	return &Registry{
		pool: pool, renew: pool.Script(renewSource, 1), end: pool.Script(endSource, 1), occupy: pool.Script(occupySource, 1),
		crowd:           pool.Script(crowdSource, 1),
		forgetUnchanged: pool.Script(forgetSource, 1),
	}
}

// Begin implements ports.Leases. The lease comes first: an epoch that is listed
// and not held would be taken for dead.
func (r *Registry) Begin(ctx context.Context, lease domain.Lease, ttl time.Duration) error {
	if _, err := r.pool.Do(ctx, "SET", leaseKey(lease.Instance), string(lease.Epoch), "PX", ttl.Milliseconds()); err != nil {
		return fmt.Errorf("begin an epoch: %w", err)
	}
	if _, err := r.pool.Do(ctx, "HSET", epochsKey, string(lease.Epoch), string(lease.Instance)); err != nil {
		return fmt.Errorf("list an epoch: %w", err)
	}
	return nil
}

// Renew implements ports.Leases.
func (r *Registry) Renew(ctx context.Context, lease domain.Lease, ttl time.Duration) (bool, error) {
	held, err := redis.Bool(r.renew.Do(ctx, leaseKey(lease.Instance), string(lease.Epoch), ttl.Milliseconds()))
	if err != nil {
		return false, fmt.Errorf("renew a lease: %w", err)
	}
	return held, nil
}

// End implements ports.Leases.
func (r *Registry) End(ctx context.Context, lease domain.Lease) error {
	if _, err := r.end.Do(ctx, leaseKey(lease.Instance), string(lease.Epoch)); err != nil {
		return fmt.Errorf("end a lease: %w", err)
	}
	return nil
}

// Held implements ports.Leases.
func (r *Registry) Held(ctx context.Context, leases []domain.Lease) (map[domain.Lease]bool, error) {
	commands := make([]redispool.Command, len(leases))
	for i, lease := range leases {
		commands[i] = command("GET", leaseKey(lease.Instance))
	}
	epochs, err := redis.Strings(r.replies(ctx, commands))
	if err != nil {
		return nil, fmt.Errorf("look for leases: %w", err)
	}
	held := map[domain.Lease]bool{}
	for i, lease := range leases {
		if epochs[i] == string(lease.Epoch) {
			held[lease] = true
		}
	}
	return held, nil
}

// Add implements ports.Connections. The hash of all comes first, and goes last
// in Remove: the reaper finds by it what is left in the users' hashes.
func (r *Registry) Add(ctx context.Context, connections []domain.Connection) ([]int, error) {
	if len(connections) == 0 {
		return nil, nil
	}
	key, err := r.allKey(ctx)
	if err != nil {
		return nil, fmt.Errorf("enter %d connections: %w", len(connections), err)
	}
	values := make([]string, len(connections))
	var users []redispool.Command
	for i, c := range connections {
		if values[i], err = encodeConnection(c); err != nil {
			return nil, err
		}
		users = append(users, command("HSET", userKey(c.User), string(c.Socket), values[i]))
	}
	for _, c := range connections {
		users = append(users, command("HLEN", userKey(c.User)))
	}
	all := onAll("HSET", key, connections, func(i int) []any { return []any{string(connections[i].Socket), values[i]} })
	if _, err := r.pool.DoAll(ctx, all); err != nil {
		return nil, fmt.Errorf("enter %d connections: %w", len(connections), err)
	}
	replies, err := r.pool.DoAll(ctx, users)
	if err != nil {
		return nil, fmt.Errorf("enter connections of users: %w", err)
	}
	return redis.Ints(replies[len(connections):], nil)
}

// Remove implements ports.Connections.
func (r *Registry) Remove(ctx context.Context, connections []domain.Connection) error {
	if len(connections) == 0 {
		return nil
	}
	key, err := r.allKey(ctx)
	if err != nil {
		return fmt.Errorf("remove %d connections: %w", len(connections), err)
	}
	var users []redispool.Command
	for _, c := range connections {
		users = append(users, command("HDEL", userKey(c.User), string(c.Socket)))
	}
	if _, err := r.pool.DoAll(ctx, users); err != nil {
		return fmt.Errorf("remove connections of users: %w", err)
	}
	all := onAll("HDEL", key, connections, func(i int) []any { return []any{string(connections[i].Socket)} })
	if _, err := r.pool.DoAll(ctx, all); err != nil {
		return fmt.Errorf("remove %d connections: %w", len(connections), err)
	}
	return nil
}

// Of implements ports.Connections.
func (r *Registry) Of(ctx context.Context, users []domain.UserID) ([]domain.Connection, error) {
	commands := make([]redispool.Command, len(users))
	for i, user := range users {
		commands[i] = command("HVALS", userKey(user))
	}
	replies, err := r.pool.DoAll(ctx, commands)
	if err != nil {
		return nil, fmt.Errorf("look for the connections of %d users: %w", len(users), err)
	}
	var connections []domain.Connection
	for _, reply := range replies {
		values, err := redis.ByteSlices(reply, nil)
		if err != nil {
			return nil, err
		}
		connections = slices.AppendSeq(connections, decodeConnections(values))
	}
	return connections, nil
}

// replies is DoAll as redigo's converters take it.
func (r *Registry) replies(ctx context.Context, commands []redispool.Command) (any, error) {
	replies, err := r.pool.DoAll(ctx, commands)
	if replies == nil {
		replies = []any{}
	}
	return replies, err
}

func command(name string, args ...any) redispool.Command {
	return redispool.Command{Name: name, Args: args}
}
