package redispool

import (
	"context"
	"errors"
	"time"

	"github.com/gomodule/redigo/redis"
	"golang.org/x/sync/errgroup"
)

// Command is one of several that are run together.
type Command struct {
	Name string
	Args []any // in a cluster the first one is its key
}

// clusterAtOnce bounds how many commands of a batch a cluster runs side by side.
const clusterAtOnce = 16

// DoAll runs the commands and gives their replies in the same order. One node
// gets them in that order and in one round trip; a cluster, where each key may
// be on another node, in no order. It is no transaction: where one fails, which
// is the error, others may have been done.
func (p *Pool) DoAll(ctx context.Context, commands []Command) ([]any, error) {
	if len(commands) == 0 {
		return nil, nil
	}
	nodes, err := p.topology(ctx)
	if err != nil {
		return nil, classify(ctx, err)
	}
	if one, ok := nodes.(*single); ok {
		replies, err := one.pipeline(ctx, commands)
		if err != nil {
			one.failed(err)
			return nil, classify(ctx, err)
		}
		return replies, nil
	}
	replies := make([]any, len(commands))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(clusterAtOnce)
	for i, c := range commands {
		group.Go(func() (err error) {
			replies[i], err = p.Do(ctx, c.Name, c.Args...)
			return err
		})
	}
	return replies, group.Wait()
}

// timeLeft is how long to wait for a reply: as long as ctx allows, and no longer than for any other.
func timeLeft(ctx context.Context) time.Duration {
	deadline, ok := ctx.Deadline()
	if !ok {
		return ioTimeout
	}
	return min(ioTimeout, max(time.Millisecond, time.Until(deadline)))
}

// pipeline sends everything before it reads the first reply. When ctx is
// cancelled, rather than at its end, it still waits for the reply at hand.
func (s *single) pipeline(ctx context.Context, commands []Command) ([]any, error) {
	conn, err := s.pool.GetContext(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }()
	for _, c := range commands {
		if err := conn.Send(c.Name, c.Args...); err != nil {
			return nil, err
		}
	}
	if err := conn.Flush(); err != nil {
		return nil, err
	}
	replies := make([]any, len(commands))
	var refused error
	for i := range commands {
		reply, err := redis.ReceiveWithTimeout(conn, timeLeft(ctx)) // ReceiveContext starts a goroutine for each
		if _, answered := errors.AsType[redis.Error](err); err != nil && !answered {
			return nil, err // the connection is broken, and with it what is still to come
		}
		if err != nil && refused == nil {
			refused = err
		}
		replies[i] = reply
	}
	return replies, refused
}
