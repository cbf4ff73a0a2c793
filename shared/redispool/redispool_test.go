package redispool_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/gomodule/redigo/redis"
	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/eventually"
	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/internal/wiretest"
	"github.com/loveapp/backend/shared/redispool"
	"github.com/loveapp/backend/shared/redispool/redistest"
)

func TestMain(m *testing.M) { redistest.Main(m) }

func open(t *testing.T, c redispool.Config) *redispool.Pool {
	t.Helper()
	pool, err := redispool.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pool.Close() })
	return pool
}

func do(t *testing.T, pool *redispool.Pool, cmd string, args ...any) any {
	t.Helper()
	reply, err := pool.Do(t.Context(), cmd, args...)
	if err != nil {
		t.Fatalf("%s %v: %v", cmd, args, err)
	}
	return reply
}

func wantUnavailable(t *testing.T, err error) {
	t.Helper()
	if e := fault.From(err); e == nil || e.Kind != fault.Unavailable || e.RetryAfter != time.Second {
		t.Fatalf("got %v, want 503 unavailable with Retry-After 1", err)
	}
}

// oneNodeAndCluster runs a test on each kind of Redis.
func oneNodeAndCluster(t *testing.T, test func(t *testing.T, pool *redispool.Pool)) {
	t.Helper()
	t.Run("one node", func(t *testing.T) {
		t.Parallel()
		test(t, redistest.New(t))
	})
	t.Run("cluster", func(t *testing.T) {
		t.Parallel()
		c := redistest.NewCluster(t).Config
		c.Addrs = c.Addrs[:1] // the others are found
		test(t, open(t, c))
	})
}

// manyKeys are so many that each of three nodes holds some.
func manyKeys() []string { return strings.Split("abcdefghijklmnopqrstuvwxyz", "") }

func TestEveryKeyIsFoundAgain(t *testing.T) {
	t.Parallel()
	oneNodeAndCluster(t, func(t *testing.T, pool *redispool.Pool) {
		for _, key := range manyKeys() {
			do(t, pool, "SET", key, "value of "+key)
		}
		for _, key := range manyKeys() {
			if got, err := redis.String(pool.Do(t.Context(), "GET", key)); err != nil || got != "value of "+key {
				t.Errorf("%s: %q, %v", key, got, err)
			}
		}
		if reply := do(t, pool, "GET", "absent"); reply != nil {
			t.Errorf("an absent key gives %v", reply)
		}
		if err := pool.Ping(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestAScriptRunsWhereItsKeyIsAlsoOnAServerThatForgotIt(t *testing.T) {
	t.Parallel()
	oneNodeAndCluster(t, func(t *testing.T, pool *redispool.Pool) {
		add := pool.Script(`return redis.call('INCRBY', KEYS[1], ARGV[1])`, 1)
		for _, key := range manyKeys() {
			for round := range 3 {
				if got, err := redis.Int(add.Do(t.Context(), key, 5)); err != nil || got != 5*(round+1) {
					t.Fatalf("%s: %d, %v", key, got, err)
				}
				if round == 1 {
					do(t, pool, "SCRIPT", "FLUSH")
				}
			}
		}
		if _, err := add.Do(t.Context()); err == nil {
			t.Error("a call without its key is accepted")
		}
	})
}

func TestAServersRefusalIsAnErrorAsItIs(t *testing.T) {
	t.Parallel()
	pool := redistest.New(t)
	do(t, pool, "SET", "text", "abc")
	_, err := pool.Do(t.Context(), "INCR", "text")
	if _, ok := errors.AsType[redis.Error](err); !ok {
		t.Fatalf("got %v", err)
	}
	if _, ok := errors.AsType[*fault.Error](err); ok {
		t.Fatalf("got %v", err)
	}
}

func TestOpenReportsEveryMistakeAtOnce(t *testing.T) {
	t.Parallel()
	_, err := redispool.Open(redispool.Config{MaxActive: -1})
	if err == nil || !strings.Contains(err.Error(), "host is not set") || !strings.Contains(err.Error(), "-1 connections") {
		t.Fatalf("got %v", err)
	}
}

func TestOpenNeedsNoServerAndOneThatComesLaterIsUsed(t *testing.T) {
	t.Parallel()
	c := redistest.Config(t)
	server := c.Addrs[0]
	wire := wiretest.New(t, server.Addr())
	wire.Cut()
	c.Addrs = []config.HostPort{wire.Addr}
	pool := open(t, c)
	wantUnavailable(t, pool.Ping(t.Context()))
	listener, err := httpserver.Listen(t.Context(), wire.Addr.Host, wire.Addr.Port)
	if err != nil {
		t.Fatal(err)
	}
	wiretest.On(t, listener, server.Addr())
	eventually.True(t, "the server is used", func() bool { return pool.Ping(t.Context()) == nil })
}

func TestEveryAddressIsTried(t *testing.T) {
	t.Parallel()
	c := redistest.Config(t)
	c.Addrs = append([]config.HostPort{{Host: "127.0.0.1", Port: 1}}, c.Addrs...)
	if err := open(t, c).Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestAWrongPasswordIsNoOutage(t *testing.T) {
	t.Parallel()
	c := redistest.Config(t)
	c.Password = "guessed"
	err := open(t, c).Ping(t.Context())
	if e := fault.From(err); err == nil || e.Kind != fault.Internal {
		t.Fatalf("got %v", err)
	}
}

func TestAfterARestartOnlyTheFirstCallFails(t *testing.T) {
	t.Parallel()
	c := redistest.Config(t)
	pool, other := open(t, c), open(t, c)
	const size = 5
	hold(t, pool, size)
	do(t, other, "CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
	failures := 0
	for range size {
		if err := pool.Ping(t.Context()); err != nil {
			failures++
			wantUnavailable(t, err)
		}
	}
	if failures > 1 {
		t.Fatalf("%d of %d calls failed", failures, size)
	}
}

// hold makes the pool open n connections, by using all at once.
func hold(t *testing.T, pool *redispool.Pool, n int) {
	t.Helper()
	done := make(chan error, n)
	for range n {
		go func() {
			_, err := pool.Do(t.Context(), "BLPOP", "gate", 0.5)
			done <- err
		}()
	}
	eventually.True(t, "all are blocked", func() bool {
		clients, err := redis.String(pool.Do(t.Context(), "CLIENT", "LIST"))
		return err == nil && strings.Count(clients, "cmd=blpop") == n
	})
	for range n {
		do(t, pool, "RPUSH", "gate", "open")
	}
	for range n {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func TestACallEndsWithItsContext(t *testing.T) {
	t.Parallel()
	oneNodeAndCluster(t, func(t *testing.T, pool *redispool.Pool) {
		do(t, pool, "SET", "key", "value")
		left, leave := context.WithCancel(t.Context())
		time.AfterFunc(20*time.Millisecond, leave)
		if _, err := pool.Do(left, "BLPOP", "nothing", 0); !errors.Is(err, context.Canceled) {
			t.Errorf("a caller who left gets %v", err)
		}
		late, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		_, err := pool.Do(late, "BLPOP", "nothing", 0)
		wantUnavailable(t, err)
		do(t, pool, "GET", "key")
	})
}

func TestWhoeverFindsNoFreeConnectionWaitsForItsContext(t *testing.T) {
	t.Parallel()
	c := redistest.Config(t)
	c.MaxActive = 1
	pool := open(t, c)
	hold := make(chan error, 1)
	go func() {
		_, err := pool.Do(t.Context(), "BLPOP", "gate", 0.9)
		hold <- err
	}()
	other := open(t, redispool.Config{Addrs: c.Addrs, Password: c.Password})
	eventually.True(t, "the only connection is taken", func() bool {
		clients, err := redis.String(other.Do(t.Context(), "CLIENT", "LIST"))
		return err == nil && strings.Contains(clients, "cmd=blpop")
	})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	wantUnavailable(t, pool.Ping(ctx))
	do(t, other, "RPUSH", "gate", "open")
	if err := <-hold; err != nil {
		t.Error(err)
	}
	if err := pool.Ping(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestWhenANodeOfAClusterDiesTheOthersServeTheirKeys(t *testing.T) {
	t.Parallel()
	cluster := redistest.NewCluster(t)
	pool := open(t, cluster.Config)
	for _, key := range manyKeys() {
		do(t, pool, "SET", key, key)
	}
	cluster.Kill(t, 0)
	served, away := 0, 0
	for _, key := range manyKeys() {
		if _, err := pool.Do(t.Context(), "GET", key); err != nil {
			wantUnavailable(t, err)
			away++
			continue
		}
		served++
	}
	if served == 0 || away == 0 {
		t.Fatalf("%d served, %d away", served, away)
	}
}
