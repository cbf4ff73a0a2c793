package redispool

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/gomodule/redigo/redis"
)

const (
	idleTimeout = 60 * time.Second
	// testIdle: a connection that was quiet for this long may have been cut by something in between.
	testIdle = 10 * time.Second
)

// single is one node.
type single struct {
	pool  *redis.Pool
	given []string
	// suspect is when a command last failed, in Unix ns: connections that were
	// used last before it lead to a server that is gone, or is a replica now.
	suspect atomic.Int64
}

func newSingle(c Config) *single {
	s := &single{given: c.addresses()}
	s.pool = newNodePool(c, func(ctx context.Context) (redis.Conn, error) { return c.dialAny(ctx, s.given, 0) }, s.test)
	return s
}

func newNodePool(c Config, dial func(context.Context) (redis.Conn, error), test func(redis.Conn, time.Time) error) *redis.Pool {
	return &redis.Pool{
		DialContext:  dial,
		TestOnBorrow: test,
		MaxActive:    c.MaxActive,
		MaxIdle:      c.MaxActive,
		Wait:         true,
		IdleTimeout:  idleTimeout,
	}
}

var errSuspect = errors.New("redispool: the connection is from before a failure")

func (s *single) test(c redis.Conn, lastUsed time.Time) error {
	if lastUsed.UnixNano() <= s.suspect.Load() {
		return errSuspect
	}
	return testIfIdle(c, lastUsed)
}

func testIfIdle(c redis.Conn, lastUsed time.Time) error {
	if time.Since(lastUsed) < testIdle {
		return nil
	}
	_, err := c.Do("PING")
	return err
}

func (s *single) get(ctx context.Context, _ string) (commander, error) {
	conn, err := s.pool.GetContext(ctx)
	if err != nil {
		return nil, err
	}
	return pooled{conn}, nil
}

func (s *single) failed(err error) {
	if broken(err) {
		s.suspect.Store(time.Now().UnixNano())
	}
}

func (s *single) connections() (active, idle int) {
	stats := s.pool.Stats()
	return stats.ActiveCount, stats.IdleCount
}

func (s *single) nodes() []string { return s.given }

func (s *single) close() error { return s.pool.Close() }

type pooled struct{ conn redis.Conn }

func (p pooled) do(ctx context.Context, cmd string, args ...any) (any, error) {
	return redis.DoContext(p.conn, ctx, cmd, args...)
}

func (p pooled) close() error { return p.conn.Close() }
