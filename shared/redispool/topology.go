package redispool

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/gomodule/redigo/redis"
)

// topology is a single node or a cluster.
type topology interface {
	// get gives a connection to the node that holds key, to any node for "".
	get(ctx context.Context, key string) (commander, error)
	// failed is told of every error that a command met, after its connection was given back.
	failed(err error)
	// nodes are the addresses of all of them.
	nodes() []string
	// connections are how many are open, and how many of those nobody uses.
	connections() (active, idle int)
	// run runs many commands and gives, in the same order, what each was answered or refused with.
	run(ctx context.Context, commands []Command) (replies []any, refusals []error, err error)
	close() error
}

// commander runs commands; close gives it back.
type commander interface {
	do(ctx context.Context, cmd string, args ...any) (any, error)
	close() error
}

// absentFor: while Redis is away, those who waited for one try are told its
// result, instead of each waiting for a try of its own.
const absentFor = 200 * time.Millisecond

type absence struct {
	when time.Time
	err  error
}

// topology finds out once what Redis is. Those who come meanwhile wait, as long as their ctx allows.
func (p *Pool) topology(ctx context.Context) (topology, error) {
	if nodes := p.nodes.Load(); nodes != nil {
		return *nodes, nil
	}
	if err := p.detecting.Acquire(ctx, 1); err != nil {
		return nil, err
	}
	defer p.detecting.Release(1)
	if nodes := p.nodes.Load(); nodes != nil {
		return *nodes, nil
	}
	if time.Since(p.absent.when) < absentFor {
		return nil, p.absent.err
	}
	clustered, err := p.clustered(ctx)
	if err != nil {
		if ctx.Err() == nil { // else it says nothing about Redis
			p.absent = absence{when: time.Now(), err: err}
			p.tellOnce(ctx, err)
		}
		return nil, err
	}
	var nodes topology = newSingle(p.config)
	if clustered {
		nodes = p.discover()
	}
	p.nodes.Store(&nodes)
	p.told = false
	return nodes, nil
}

// tellOnce says why Redis cannot be used, once until it could be.
func (p *Pool) tellOnce(ctx context.Context, err error) {
	if !p.told {
		p.told = true
		p.logger.LogAttrs(ctx, slog.LevelWarn, "Redis cannot be used yet", slog.Any("error", err))
	}
}

// addresses are those of all nodes that are known by now.
func (p *Pool) addresses() []string {
	if nodes := p.nodes.Load(); nodes != nil {
		return (*nodes).nodes()
	}
	return p.config.addresses()
}

// discover reads the layout, which a first command would else find out by being sent around.
func (p *Pool) discover() *cluster {
	c := newCluster(p.config, p.logger)
	_ = c.redisc.Refresh() // it is tried again as soon as a command fails
	c.useless = func() { p.forget(c) }
	return c
}

// forget makes the next command find out anew what Redis is.
func (p *Pool) forget(c *cluster) {
	nodes := p.nodes.Load()
	if nodes == nil || *nodes != topology(c) || !p.nodes.CompareAndSwap(nodes, nil) {
		return
	}
	_ = c.redisc.Close() // what still waits on it fails as it did
}

// clustered: a single node refuses CLUSTER INFO.
func (p *Pool) clustered(ctx context.Context) (bool, error) {
	conn, err := p.config.dialAny(ctx, p.config.addresses(), 0)
	if err != nil {
		return false, err
	}
	defer func() { _ = conn.Close() }()
	info, err := redis.String(redis.DoContext(conn, ctx, "CLUSTER", "INFO"))
	if _, refused := err.(redis.Error); refused && !passing(err) { //nolint:errorlint // redigo returns it bare
		return false, nil
	}
	return strings.Contains(info, "cluster_state:"), err
}
