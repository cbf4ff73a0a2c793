package redispool

import (
	"context"
	"errors"
	"time"

	"github.com/gomodule/redigo/redis"
)

// Command is one of several that are run together.
type Command struct {
	Name string
	Args []any // in a cluster the first one is its key

	key string // of a script, whose first argument is none
}

func (c Command) place() string {
	if c.key != "" {
		return c.key
	}
	return firstKey(c.Args)
}

// DoAll runs the commands and gives their replies in the same order. Each node
// gets its commands in their order and in one round trip, so those of one key
// follow each other; in a cluster those of different keys may not. It is no
// transaction: where one fails, which is the error, others may have been done.
func (p *Pool) DoAll(ctx context.Context, commands []Command) ([]any, error) {
	replies, refusals, err := p.runAll(ctx, commands)
	if err != nil {
		return nil, err
	}
	for i, c := range commands {
		if refusals[i] != nil {
			return nil, classify(ctx, refusals[i])
		}
		p.figures.looked(c.Name, replies[i])
	}
	return replies, nil
}

// runAll also gives each command's refusal.
func (p *Pool) runAll(ctx context.Context, commands []Command) (replies []any, refusals []error, err error) {
	if len(commands) == 0 {
		return nil, nil, nil
	}
	defer func(start time.Time) { p.figures.ended(start, err) }(time.Now())
	nodes, err := p.topology(ctx)
	if err != nil {
		return nil, nil, classify(ctx, err)
	}
	replies, refusals, err = nodes.run(ctx, commands)
	if err != nil {
		nodes.failed(err)
		return nil, nil, classify(ctx, err)
	}
	for _, refusal := range refusals {
		if refusal != nil {
			nodes.failed(refusal)
		}
	}
	return replies, refusals, nil
}

// run implements topology.
func (s *single) run(ctx context.Context, commands []Command) (replies []any, refusals []error, err error) {
	conn, err := s.pool.GetContext(ctx)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = conn.Close() }()
	return pipeline(ctx, conn, commands)
}

// pipeline sends everything before it reads the first reply. A refusal is one
// command's, err the connection's, and then nobody knows what was done. When ctx
// is cancelled, rather than at its end, it still waits for the reply at hand.
func pipeline(ctx context.Context, conn redis.Conn, commands []Command) (replies []any, refusals []error, err error) {
	for _, c := range commands {
		if err := conn.Send(c.Name, c.Args...); err != nil {
			return nil, nil, err
		}
	}
	if err := conn.Flush(); err != nil {
		return nil, nil, err
	}
	replies, refusals = make([]any, len(commands)), make([]error, len(commands))
	for i := range commands {
		reply, err := redis.ReceiveWithTimeout(conn, timeLeft(ctx)) // ReceiveContext starts a goroutine for each
		if _, answered := errors.AsType[redis.Error](err); err != nil && !answered {
			return nil, nil, err // and with it what is still to come
		}
		replies[i], refusals[i] = reply, err
	}
	return replies, refusals, nil
}

// timeLeft is how long to wait for a reply: as long as ctx allows, and no longer than for any other.
func timeLeft(ctx context.Context) time.Duration {
	deadline, ok := ctx.Deadline()
	if !ok {
		return ioTimeout
	}
	return min(ioTimeout, max(time.Millisecond, time.Until(deadline)))
}
