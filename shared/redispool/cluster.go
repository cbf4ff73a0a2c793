package redispool

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gomodule/redigo/redis"
	"github.com/mna/redisc"
)

const (
	// redirections to follow: MOVED and ASK once each, and a few TRYAGAIN while slots move.
	redirections  = 5
	tryAgainPause = 50 * time.Millisecond
	// refreshPause bounds how often a broken node makes us ask for the layout anew.
	refreshPause = 100 * time.Millisecond
)

// cluster is many nodes, each key on one of them.
type cluster struct {
	redisc  *redisc.Cluster
	logger  *slog.Logger
	given   []string // the config's addresses
	layout  atomic.Pointer[layout]
	useless func() // told when no node answers that was ever known

	running   sync.WaitGroup
	mu        sync.Mutex
	refreshed time.Time

	// suspect is when a node last failed, in Unix ns: connections that were used
	// last before it are asked whether they still lead somewhere.
	suspect atomic.Int64
}

// layout says which nodes hold a slot, its master first.
type layout [redisc.HashSlots][]string

func newCluster(c Config, logger *slog.Logger) *cluster {
	made := &cluster{logger: logger, given: c.addresses(), useless: func() {}}
	made.redisc = &redisc.Cluster{
		StartupNodes: made.given,
		DialOptions:  c.dialOptions(),
		PoolWaitTime: ioTimeout,
		CreatePool: func(address string, _ ...redis.DialOption) (*redis.Pool, error) {
			n := &node{cluster: made, config: c, address: address}
			return newNodePool(c, n.dial, n.test), nil
		},
		LayoutRefresh: func(_, now [redisc.HashSlots][]string) { made.layout.Store((*layout)(&now)) },
	}
	return made
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
	now := time.Now()
	c.suspect.Store(now.UnixNano())
	c.mu.Lock()
	due := now.Sub(c.refreshed) > refreshPause
	if due {
		c.refreshed = now
	}
	c.mu.Unlock()
	if due {
		c.running.Go(c.refresh)
	}
}

// refresh gives the cluster up where none of its nodes answers: they may have
// come back under other addresses, which the config's lead to.
func (c *cluster) refresh() {
	if err := c.redisc.Refresh(); err != nil {
		c.logger.Warn("the layout of the Redis cluster cannot be read", "error", err)
		c.useless()
	}
}

// nodes are the addresses of all nodes, as far as they are known.
func (c *cluster) nodes() []string {
	now := c.layout.Load()
	if now == nil {
		return c.given
	}
	var all []string
	for _, holders := range now {
		for _, one := range holders {
			if one != "" && !slices.Contains(all, one) {
				all = append(all, one)
			}
		}
	}
	slices.Sort(all)
	return all
}

func (c *cluster) connections() (active, idle int) {
	for _, stats := range c.redisc.Stats() {
		active += stats.ActiveCount
		idle += stats.IdleCount
	}
	return active, idle
}

func (c *cluster) close() error {
	c.running.Wait()
	return c.redisc.Close()
}
