package redisstore

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/gomodule/redigo/redis"
)

// Listed is an entry of one of the two kinds of hash, as it stands there.
type Listed struct {
	Key    string // ws_connections, on a cluster ws_connections:<instance>, or user_connections:<user>
	Socket string
	Value  string
}

// List gives every entry of ws_connections, on a cluster that of every instance,
// then those of its users' hashes: what an operator wants to see.
func (r *Registry) List(ctx context.Context) ([]Listed, error) {
	all, users, err := r.listAll(ctx)
	if err != nil {
		return nil, err
	}
	for _, key := range users {
		entries, err := redis.StringMap(r.pool.Do(ctx, "HGETALL", key))
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", key, err)
		}
		all = append(all, listed(key, entries)...)
	}
	return all, nil
}

func (r *Registry) listAll(ctx context.Context) (all []Listed, users []string, err error) {
	hashes, err := r.allHashes(ctx)
	if err != nil {
		return nil, nil, err
	}
	for _, hash := range hashes {
		entries, err := redis.StringMap(r.pool.Do(ctx, "HGETALL", hash))
		if err != nil {
			return nil, nil, fmt.Errorf("read %s: %w", hash, err)
		}
		for _, value := range entries {
			if c, ok := decodeConnection([]byte(value)); ok {
				users = append(users, userKey(c.User))
			}
		}
		all = append(all, listed(hash, entries)...)
	}
	slices.Sort(users)
	return all, slices.Compact(users), nil
}

func listed(key string, entries map[string]string) []Listed {
	list := make([]Listed, 0, len(entries))
	for socket, value := range entries {
		list = append(list, Listed{key, socket, value})
	}
	slices.SortFunc(list, func(a, b Listed) int { return cmp.Compare(a.Socket, b.Socket) })
	return list
}
