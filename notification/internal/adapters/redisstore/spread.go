package redisstore

import (
	"context"
	"fmt"
	"slices"

	"github.com/gomodule/redigo/redis"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/shared/redispool"
)

// instanceKey is the hash of one instance's connections on a cluster. One hash of
// all would lie in one slot, whose node took every write of every instance.
func instanceKey(instance domain.InstanceID) string { return connectionsKey + ":" + string(instance) }

// allKey gives the hash that the connections of an instance stand in beside
// those of their users.
func (r *Registry) allKey(ctx context.Context) (func(domain.InstanceID) string, error) {
	clustered, err := r.pool.Clustered(ctx)
	if err != nil {
		return nil, err
	}
	if clustered {
		return instanceKey, nil
	}
	return func(domain.InstanceID) string { return connectionsKey }, nil
}

// onAll makes one command for each of those hashes, of what args says about a connection.
func onAll(name string, key func(domain.InstanceID) string, connections []domain.Connection, args func(int) []any) []redispool.Command {
	var commands []redispool.Command
	at := map[string]int{}
	for i, c := range connections {
		hash := key(c.Instance)
		n, known := at[hash]
		if !known {
			n = len(commands)
			at[hash] = n
			commands = append(commands, command(name, hash))
		}
		commands[n].Args = append(commands[n].Args, args(i)...)
	}
	return commands
}

// hashes are all those in which connections of the instances may stand. The hash
// of all is among them on a cluster too: a version that knew no other wrote there.
func (r *Registry) hashes(ctx context.Context, instances []domain.InstanceID) ([]string, error) {
	key, err := r.allKey(ctx)
	if err != nil {
		return nil, err
	}
	keys := []string{connectionsKey}
	for _, instance := range instances {
		keys = append(keys, key(instance))
	}
	slices.Sort(keys)
	return slices.Compact(keys), nil
}

// allHashes are those of every instance that has begun and was not reaped.
func (r *Registry) allHashes(ctx context.Context) ([]string, error) {
	begun, err := redis.StringMap(r.pool.Do(ctx, "HGETALL", epochsKey))
	if err != nil {
		return nil, fmt.Errorf("read the epochs: %w", err)
	}
	var instances []domain.InstanceID
	for _, instance := range begun {
		instances = append(instances, domain.InstanceID(instance))
	}
	return r.hashes(ctx, instances)
}
