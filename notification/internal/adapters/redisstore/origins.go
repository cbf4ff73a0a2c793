package redisstore

import (
	"context"
	"crypto/sha256"
	_ "embed" // the script
	"encoding/hex"
	"fmt"
	"time"

	"github.com/gomodule/redigo/redis"

	"github.com/loveapp/backend/notification/internal/domain"
)

//go:embed crowd.lua
var crowdSource string

// Crowd implements ports.Origins.
func (r *Registry) Crowd(ctx context.Context, from domain.Origin, at domain.InstanceID, sockets int, ttl time.Duration) (int, error) {
	total, err := redis.Int(r.crowd.Do(ctx, originKey(from), string(at), sockets, ttl.Milliseconds()))
	if err != nil {
		return 0, fmt.Errorf("count sockets by where they come from: %w", err)
	}
	return total, nil
}

// originKey does not show the address: it is somebody's.
func originKey(from domain.Origin) string {
	sum := sha256.Sum256(from[:])
	return originPrefix + hex.EncodeToString(sum[:16])
}
