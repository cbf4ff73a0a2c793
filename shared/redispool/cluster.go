package redispool

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/gomodule/redigo/redis"
	"github.com/mna/redisc"
)

const (
	// redirections to follow: MOVED and ASK once each, and a few TRYAGAIN while slots move.
	redirections  = 5
	tryAgainPause = 50 * time.Millisecond
	// refreshPause bounds how often a broken node makes us ask for the layout anew.
	refreshPause = 200 * time.Millisecond
)

// cluster is many nodes, each key on one of them.
type cluster struct {
	redisc    *redisc.Cluster
	logger    *slog.Logger
	running   sync.WaitGroup
	mu        sync.Mutex
	refreshed time.Time
}

func newCluster(c Config, logger *slog.Logger) *cluster {
	nodes := make([]string, 0, len(c.Addrs))
	for _, addr := range c.Addrs {
		nodes = append(nodes, addr.Addr())
	}
	return &cluster{logger: logger, redisc: &redisc.Cluster{
		StartupNodes: nodes,
		DialOptions:  c.dialOptions(),
		PoolWaitTime: ioTimeout,
		CreatePool: func(address string, options ...redis.DialOption) (*redis.Pool, error) {
			return newNodePool(c, func(ctx context.Context) (redis.Conn, error) {
				return redis.DialContext(ctx, "tcp", address, options...)
			}, testIfIdle), nil
		},
	}}
}

func (c *cluster) get(_ context.Context, key string) (commander, error) {
	conn := c.redisc.Get()
	if key != "" {
		if err := redisc.BindConn(conn, key); err != nil {
			_ = conn.Close()
			return nil, err
		}
	}
	retrying, err := redisc.RetryConn(conn, redirections, tryAgainPause)
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	return &routed{cluster: c, conn: retrying}, nil
}

// failed asks for the layout when a node does not answer: redisc itself does so
// only when a node that does answer says MOVED.
func (c *cluster) failed(err error) {
	if !broken(err) {
		return
	}
	c.mu.Lock()
	due := time.Since(c.refreshed) > refreshPause
	if due {
		c.refreshed = time.Now()
	}
	c.mu.Unlock()
	if !due {
		return
	}
	c.running.Go(func() {
		if err := c.redisc.Refresh(); err != nil {
			c.logger.Warn("the layout of the Redis cluster cannot be read", "error", err)
		}
	})
}

func (c *cluster) close() error {
	c.running.Wait()
	return c.redisc.Close()
}

// routed is a connection that follows redirections.
type routed struct {
	cluster *cluster
	conn    redis.Conn
	busy    chan struct{} // closed once an abandoned command has ended
}

// do runs the command beside the caller: redisc knows no context. A command
// that ctx abandons ends by its own time-outs, and Close waits for it.
func (r *routed) do(ctx context.Context, cmd string, args ...any) (any, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	type answer struct {
		reply any
		err   error
	}
	answers, busy := make(chan answer, 1), make(chan struct{})
	r.cluster.running.Go(func() {
		defer close(busy)
		reply, err := r.conn.Do(cmd, args...)
		answers <- answer{reply, err}
	})
	select {
	case a := <-answers:
		return a.reply, a.err
	case <-ctx.Done():
		r.busy = busy
		return nil, ctx.Err()
	}
}

func (r *routed) close() error {
	if r.busy == nil {
		return r.conn.Close()
	}
	r.cluster.running.Go(func() {
		<-r.busy
		_ = r.conn.Close()
	})
	return nil
}
