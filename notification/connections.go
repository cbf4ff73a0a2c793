package notification

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/loveapp/backend/notification/internal/adapters/redisstore"
	"github.com/loveapp/backend/shared/redispool"
)

// ListConnections writes both hashes of the connection registry, a line for
// each entry: key, socket id, connection.
func ListConnections(ctx context.Context, c Config, out io.Writer) (err error) {
	if err := c.Validate(); err != nil {
		return err
	}
	redis, err := redispool.Open(redispool.FromInfra(c.Infra, c.Logger))
	if err != nil {
		return fmt.Errorf("notification: %w", err)
	}
	defer func() { err = errors.Join(err, redis.Close()) }()
	entries, err := redisstore.NewRegistry(redis).List(ctx)
	if err != nil {
		return fmt.Errorf("read the connection registry: %w", err)
	}
	for _, e := range entries {
		if _, err := fmt.Fprintln(out, e.Key, e.Socket, e.Value); err != nil {
			return err
		}
	}
	return nil
}
