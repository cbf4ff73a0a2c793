package redisstore

import (
	"context"
	"fmt"
	"slices"

	"github.com/gomodule/redigo/redis"

	"github.com/loveapp/backend/notification/internal/domain"
)

// Count implements ports.Connections. A connection that comes or goes meanwhile
// may be counted or not, none twice.
func (r *Registry) Count(ctx context.Context) (map[domain.Lease]int, error) {
	hashes, err := r.allHashes(ctx)
	if err != nil {
		return nil, err
	}
	leases := map[domain.SocketID]domain.Lease{} // a scan may give a field more than once
	for _, hash := range hashes {
		if err := r.leasesIn(ctx, hash, leases); err != nil {
			return nil, err
		}
	}
	counts := map[domain.Lease]int{}
	for _, lease := range leases {
		counts[lease]++
	}
	return counts, nil
}

func (r *Registry) leasesIn(ctx context.Context, hash string, leases map[domain.SocketID]domain.Lease) error {
	for cursor := "0"; ; {
		reply, err := redis.Values(r.pool.Do(ctx, "HSCAN", hash, cursor, "COUNT", scanCount))
		if err != nil {
			return fmt.Errorf("count the connections: %w", err)
		}
		var pairs [][]byte
		if _, err := redis.Scan(reply, &cursor, &pairs); err != nil {
			return err
		}
		for pair := range slices.Chunk(pairs, 2) {
			if c, ok := decodeConnection(pair[1]); ok {
				leases[c.Socket] = c.Lease()
			}
		}
		if cursor == "0" {
			return nil
		}
	}
}
