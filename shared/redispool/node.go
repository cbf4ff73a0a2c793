package redispool

import (
	"context"
	"errors"

	"github.com/gomodule/redigo/redis"
)

// OnNode runs one command on exactly the first address of c, whether it is a
// node of a cluster or not, and gives its answer as text: for those who look
// after servers. "" stands for an answer of nothing.
func OnNode(ctx context.Context, c Config, cmd string, args ...any) (string, error) {
	if err := c.check(); err != nil {
		return "", err
	}
	conn, err := c.dialAny(ctx, c.addresses()[:1], 0)
	if err != nil {
		return "", classify(ctx, err)
	}
	defer func() { _ = conn.Close() }()
	text, err := redis.String(redis.DoContext(conn, ctx, cmd, args...))
	if errors.Is(err, redis.ErrNil) {
		return "", nil
	}
	if err != nil {
		return "", classify(ctx, err)
	}
	return text, nil
}
