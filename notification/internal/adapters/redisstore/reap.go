package redisstore

import (
	"context"
	"fmt"
	"slices"

	"github.com/gomodule/redigo/redis"
	"golang.org/x/sync/errgroup"

	"github.com/loveapp/backend/notification/internal/domain"
)

const (
	scanCount = 1000
	// forgetBatch is how many ghosts leave the hash of all in one round trip, and
	// forgetAtOnce from how many users' hashes they do side by side.
	forgetBatch  = 500
	forgetAtOnce = 16
)

// Reap implements ports.Ghosts. Without a dead epoch it costs two round trips.
func (r *Registry) Reap(ctx context.Context) (reaped int, err error) {
	dead, err := r.dead(ctx)
	if err != nil || len(dead) == 0 {
		return 0, err
	}
	instances := make([]domain.InstanceID, 0, len(dead))
	for lease := range dead {
		instances = append(instances, lease.Instance)
	}
	hashes, err := r.hashes(ctx, instances)
	if err != nil {
		return 0, err
	}
	for _, hash := range hashes {
		removed, err := r.reapFrom(ctx, hash, dead)
		reaped += removed
		if err != nil {
			return reaped, err
		}
	}
	fields := []any{epochsKey}
	for lease := range dead {
		fields = append(fields, string(lease.Epoch))
	}
	if _, err := r.pool.Do(ctx, "HDEL", fields...); err != nil {
		return reaped, fmt.Errorf("forget dead epochs: %w", err)
	}
	return reaped, nil
}

// reapFrom removes the ghosts that stand in one hash.
func (r *Registry) reapFrom(ctx context.Context, hash string, dead map[domain.Lease]bool) (reaped int, err error) {
	for cursor := "0"; ; {
		ghosts, next, err := r.scan(ctx, hash, cursor, dead)
		if err != nil {
			return reaped, err
		}
		for part := range slices.Chunk(ghosts, forgetBatch) {
			removed, err := r.forget(ctx, hash, part)
			reaped += removed
			if err != nil {
				return reaped, err
			}
		}
		if next == "0" {
			return reaped, nil
		}
		cursor = next
	}
}

// dead gives the epochs that have begun and are held no more.
func (r *Registry) dead(ctx context.Context) (map[domain.Lease]bool, error) {
	begun, err := redis.StringMap(r.pool.Do(ctx, "HGETALL", epochsKey))
	if err != nil {
		return nil, fmt.Errorf("read the epochs: %w", err)
	}
	leases := make([]domain.Lease, 0, len(begun))
	for epoch, instance := range begun {
		leases = append(leases, domain.Lease{Instance: domain.InstanceID(instance), Epoch: domain.Epoch(epoch)})
	}
	held, err := r.Held(ctx, leases)
	if err != nil {
		return nil, err
	}
	dead := map[domain.Lease]bool{}
	for _, lease := range leases {
		if !held[lease] {
			dead[lease] = true
		}
	}
	return dead, nil
}

// ghost is an entry and what it was when it was seen.
type ghost struct {
	domain.Connection
	value string
}

func (r *Registry) scan(ctx context.Context, hash, cursor string, dead map[domain.Lease]bool) (ghosts []ghost, next string, err error) {
	reply, err := redis.Values(r.pool.Do(ctx, "HSCAN", hash, cursor, "COUNT", scanCount))
	if err != nil {
		return nil, "", fmt.Errorf("read the connections: %w", err)
	}
	var pairs [][]byte
	if _, err := redis.Scan(reply, &next, &pairs); err != nil {
		return nil, "", err
	}
	for pair := range slices.Chunk(pairs, 2) {
		if c, ok := decodeConnection(pair[1]); ok && dead[c.Lease()] {
			ghosts = append(ghosts, ghost{c, string(pair[1])})
		}
	}
	return ghosts, next, nil
}

// forget removes ghosts, each from its user's hash first.
func (r *Registry) forget(ctx context.Context, hash string, ghosts []ghost) (removed int, err error) {
	all := []any{hash}
	group, each := errgroup.WithContext(ctx)
	group.SetLimit(forgetAtOnce)
	for _, g := range ghosts {
		all = append(all, string(g.Socket), g.value)
		group.Go(func() error {
			_, err := r.forgetUnchanged.Do(each, userKey(g.User), string(g.Socket), g.value)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return 0, fmt.Errorf("remove ghosts of users: %w", err)
	}
	removed, err = redis.Int(r.forgetUnchanged.Do(ctx, all...))
	if err != nil {
		return 0, fmt.Errorf("remove ghosts: %w", err)
	}
	return removed, nil
}
