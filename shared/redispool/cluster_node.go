package redispool

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"

	"github.com/gomodule/redigo/redis"
)

const (
	// hasty bounds a question to a node while one of them is suspect: a machine that
	// is gone refuses nothing, it answers nothing.
	hasty = 200 * time.Millisecond
	// hastyFor is how long a node that fails makes that so.
	hastyFor = 5 * time.Second
	// muteFor: a node that has not answered is left alone for so long.
	muteFor = 100 * time.Millisecond
)

// node is one of a cluster, as far as connections to it go. When a machine dies
// every connection to it, and every attempt at another one, waits for an answer:
// here that is waited for once, and not for long.
type node struct {
	cluster *cluster
	config  Config
	address string

	mu    sync.Mutex
	mute  error     // why there was no connection
	since time.Time // when that was found out
	dead  time.Time // what was used last by then leads nowhere
}

// dial connects, unless that has just failed.
func (n *node) dial(ctx context.Context) (redis.Conn, error) {
	if err := n.recently(); err != nil {
		return nil, err
	}
	conn, err := n.connect(ctx)
	if ctx.Err() == nil {
		n.mu.Lock()
		defer n.mu.Unlock()
		n.mute, n.since = err, time.Now()
	}
	return conn, err
}

// connect has the greeting wait no longer than it should; commands have their own time-outs.
func (n *node) connect(ctx context.Context) (redis.Conn, error) {
	limit := ioTimeout
	options := n.config.dialOptions()
	if n.cluster.suspicious() {
		limit = hasty
		options = append(options, redis.DialConnectTimeout(hasty), redis.DialTLSHandshakeTimeout(hasty))
	}
	options = append(options, redis.DialPassword(""))
	conn, err := dial(ctx, n.address, options...)
	if err != nil {
		return nil, err
	}
	if n.config.Password == "" {
		_, err = redis.DoWithTimeout(conn, limit, "PING")
	} else {
		_, err = redis.DoWithTimeout(conn, limit, "AUTH", n.config.Password.Value())
	}
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

func (n *node) recently() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.mute != nil && time.Since(n.since) < muteFor {
		return n.mute
	}
	return nil
}

// test asks a connection from before a failure whether it still leads somewhere.
// One that does not speaks for all that are older.
func (n *node) test(conn redis.Conn, lastUsed time.Time) error {
	if lastUsed.UnixNano() > n.cluster.suspect.Load() {
		return testIfIdle(conn, lastUsed)
	}
	if n.leadsNowhere(lastUsed) {
		return errSuspect
	}
	_, err := redis.DoWithTimeout(conn, hasty, "PING")
	if err != nil {
		n.lost(lastUsed, err)
	}
	return err
}

func (n *node) leadsNowhere(lastUsed time.Time) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return !lastUsed.After(n.dead)
}

func (n *node) lost(lastUsed time.Time, err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if lastUsed.After(n.dead) {
		n.dead = lastUsed
	}
	if slow, ok := errors.AsType[net.Error](err); ok && slow.Timeout() {
		n.mute, n.since = err, time.Now()
	}
}

// suspicious: a node has failed lately.
func (c *cluster) suspicious() bool {
	return time.Since(time.Unix(0, c.suspect.Load())) < hastyFor
}
