// Package redispool keeps connections to Redis, one node or a cluster, which it
// tells apart by itself. A command costs at most a second and a bit: Redis
// makes things fast, so waiting long for it defeats its purpose.
package redispool

import (
	"context"
	"crypto/tls"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gomodule/redigo/redis"
	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/health"
	"golang.org/x/sync/semaphore"
)

const (
	dialTimeout = time.Second
	ioTimeout   = time.Second // each of a command's write and its answer
)

// Config says where Redis is.
type Config struct {
	// Addrs are one node, or some nodes of a cluster: the others are found from them.
	Addrs    []config.HostPort
	Password config.Secret
	TLS      bool
	// MaxActive connections to each node; 0 means 100. Whoever finds none free waits.
	MaxActive int
	Logger    *slog.Logger // nil discards
}

func (c Config) check() error {
	var mistakes config.Mistakes
	if len(c.Addrs) == 0 {
		mistakes.Add("the Redis host is not set")
	}
	for _, addr := range c.Addrs {
		if addr.Host == "" || addr.Port < 1 || addr.Port > 65535 {
			mistakes.Add("the Redis address %q needs a host and a port from 1 to 65535", addr.Addr())
		}
	}
	if c.MaxActive < 0 {
		mistakes.Add("the Redis pool cannot hold %d connections", c.MaxActive)
	}
	return mistakes.Err()
}

// Pool is safe for concurrent use.
type Pool struct {
	config    Config
	logger    *slog.Logger
	nodes     atomic.Pointer[topology]
	detecting *semaphore.Weighted
}

// topology is a single node or a cluster.
type topology interface {
	// get gives a connection to the node that holds key, to any node for "".
	get(ctx context.Context, key string) (commander, error)
	// failed is told of every error that a command met, after its connection was given back.
	failed(err error)
	close() error
}

// commander runs commands; close gives it back.
type commander interface {
	do(ctx context.Context, cmd string, args ...any) (any, error)
	close() error
}

// Open checks the config. The server need not be up: the first command connects.
func Open(c Config) (*Pool, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	if c.MaxActive == 0 {
		c.MaxActive = 100
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return &Pool{config: c, logger: c.Logger, detecting: semaphore.NewWeighted(1)}, nil
}

// Do runs one command. In a cluster its first argument is its key. A nil reply
// is nil without an error; errors that will pass are 503 unavailable.
func (p *Pool) Do(ctx context.Context, cmd string, args ...any) (any, error) {
	return p.with(ctx, firstKey(args), func(c commander) (any, error) { return c.do(ctx, cmd, args...) })
}

func (p *Pool) with(ctx context.Context, key string, use func(commander) (any, error)) (any, error) {
	nodes, err := p.topology(ctx)
	if err != nil {
		return nil, classify(ctx, err)
	}
	c, err := nodes.get(ctx, key)
	if err != nil {
		nodes.failed(err)
		return nil, classify(ctx, err)
	}
	reply, err := use(c)
	_ = c.close()
	if err != nil {
		nodes.failed(err)
		return nil, classify(ctx, err)
	}
	return reply, nil
}

// Publish sends to whoever subscribes at the moment; nobody is told twice, and the absent never.
func (p *Pool) Publish(ctx context.Context, channel string, payload []byte) error {
	_, err := p.Do(ctx, "PUBLISH", channel, payload)
	return err
}

// Ping reports whether Redis answers.
func (p *Pool) Ping(ctx context.Context) error {
	_, err := p.Do(ctx, "PING")
	return err
}

// Checks are what the health pages show of it. Redis is never the only holder
// of anything, so without it a service is degraded, not down.
func (p *Pool) Checks() []health.Check {
	return []health.Check{{Name: "redis", Group: health.Redis, Role: "cache and fan-out", Probe: p.Ping}}
}

// Close closes every connection; subscriptions end with their own ctx.
func (p *Pool) Close() error {
	if nodes := p.nodes.Load(); nodes != nil {
		return (*nodes).close()
	}
	return nil
}

func (c Config) dialOptions() []redis.DialOption {
	options := []redis.DialOption{
		redis.DialConnectTimeout(dialTimeout), redis.DialReadTimeout(ioTimeout), redis.DialWriteTimeout(ioTimeout),
		redis.DialPassword(c.Password.Value()),
	}
	if c.TLS {
		options = append(options, redis.DialUseTLS(true), redis.DialTLSConfig(&tls.Config{MinVersion: tls.VersionTLS12}))
	}
	return options
}

// dialAny connects to the first node that lets it, beginning with the from-th.
func (c Config) dialAny(ctx context.Context, from int, more ...redis.DialOption) (conn redis.Conn, err error) {
	options := append(c.dialOptions(), more...)
	for i := range c.Addrs {
		addr := c.Addrs[(from+i)%len(c.Addrs)].Addr()
		if conn, err = redis.DialContext(ctx, "tcp", addr, options...); err == nil {
			return conn, nil
		}
	}
	return nil, err
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
	clustered, err := p.clustered(ctx)
	if err != nil {
		return nil, err
	}
	var nodes topology = newSingle(p.config)
	if clustered {
		nodes = newCluster(p.config, p.logger)
	}
	p.nodes.Store(&nodes)
	return nodes, nil
}

// clustered: a single node refuses CLUSTER INFO.
func (p *Pool) clustered(ctx context.Context) (bool, error) {
	conn, err := p.config.dialAny(ctx, 0)
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

func firstKey(args []any) string {
	if len(args) == 0 {
		return ""
	}
	switch key := args[0].(type) {
	case string:
		return key
	case []byte:
		return string(key)
	}
	return ""
}
