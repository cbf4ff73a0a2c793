// Package redispool keeps connections to Redis, one node or a cluster, which it
// tells apart by itself. A command costs at most a second and a bit: Redis
// makes things fast, so waiting long for it defeats its purpose.
package redispool

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"
)

// Pool is safe for concurrent use.
type Pool struct {
	config    Config
	logger    *slog.Logger
	nodes     atomic.Pointer[topology]
	figures   *figures
	detecting *semaphore.Weighted
	absent    absence // guarded by detecting
	told      bool    // of why it cannot be used; guarded by detecting
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
	return &Pool{config: c, logger: c.Logger, figures: newFigures(), detecting: semaphore.NewWeighted(1)}, nil
}

// Do runs one command. In a cluster its first argument is its key. A nil reply
// is nil without an error; errors that will pass are 503 unavailable.
func (p *Pool) Do(ctx context.Context, cmd string, args ...any) (any, error) {
	reply, err := p.with(ctx, firstKey(args), func(c commander) (any, error) { return c.do(ctx, cmd, args...) })
	if err == nil {
		p.figures.looked(cmd, reply)
	}
	return reply, err
}

func (p *Pool) with(ctx context.Context, key string, use func(commander) (any, error)) (reply any, err error) {
	defer func(start time.Time) { p.figures.ended(start, err) }(time.Now())
	nodes, err := p.topology(ctx)
	if err != nil {
		return nil, classify(ctx, err)
	}
	c, err := nodes.get(ctx, key)
	if err != nil {
		nodes.failed(err)
		return nil, classify(ctx, err)
	}
	reply, err = use(c)
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

// Close closes every connection; subscriptions end with their own ctx.
func (p *Pool) Close() error {
	if nodes := p.nodes.Load(); nodes != nil {
		return (*nodes).close()
	}
	return nil
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
