package embedded_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gomodule/redigo/redis"
	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/embedded"
	"github.com/loveapp/backend/shared/eventually"
	"github.com/loveapp/backend/shared/redispool"
)

func startRedis(t *testing.T, dir string) (*embedded.Redis, *redispool.Pool) {
	t.Helper()
	server, err := embedded.StartRedis(t.Context(), embedded.RedisOptions{Dir: dir, Logger: quietly()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stopRedis(t, server) })
	pool, err := redispool.Open(redispool.Config{Addrs: []config.HostPort{server.Addr()}, Password: server.Password()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pool.Close() })
	return server, pool
}

func stopRedis(t *testing.T, server *embedded.Redis) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := server.Stop(ctx); err != nil {
		t.Error(err)
	}
}

func TestRedisKeepsItsKeysAcrossARestart(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "redis")
	server, pool := startRedis(t, dir)
	if server.InProcess() {
		t.Fatal("redis-server is not installed: run `make deps`")
	}
	if _, err := pool.Do(t.Context(), "SET", "key", "kept"); err != nil {
		t.Fatal(err)
	}
	stopRedis(t, server)
	_, pool = startRedis(t, dir)
	if got, err := redis.String(pool.Do(t.Context(), "GET", "key")); err != nil || got != "kept" {
		t.Fatalf("after the restart: %q, %v", got, err)
	}
}

func TestRedisListensOnLoopbackBelowTheEphemeralPortsAndWantsThePassword(t *testing.T) {
	t.Parallel()
	server, _ := startRedis(t, "")
	if addr := server.Addr(); addr.Host != "127.0.0.1" || addr.Port >= 32768 {
		t.Errorf("it listens on %v", addr)
	}
	stranger, err := redispool.Open(redispool.Config{Addrs: []config.HostPort{server.Addr()}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = stranger.Close() })
	if err := stranger.Ping(t.Context()); err == nil || !strings.Contains(err.Error(), "NOAUTH") {
		t.Errorf("without the password: %v", err)
	}
}

func TestASecondRedisOnOneFolderIsRefusedInOneSentence(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	startRedis(t, dir)
	_, err := embedded.StartRedis(t.Context(), embedded.RedisOptions{Dir: dir, Logger: quietly()})
	if err == nil || !strings.Contains(err.Error(), "is in use by another process") || strings.Contains(err.Error(), "\n") {
		t.Fatalf("got %v", err)
	}
}

// Not parallel: it changes the PATH of the process.
func TestWithoutRedisServerAStandInExpiresKeysAsRedisDoes(t *testing.T) {
	t.Setenv("PATH", "")
	server, pool := startRedis(t, "")
	if !server.InProcess() {
		t.Fatal("a redis-server was found on an empty PATH")
	}
	if _, err := pool.Do(t.Context(), "SET", "key", "passing", "PX", 150); err != nil {
		t.Fatal(err)
	}
	eventually.True(t, "the key expires", func() bool {
		found, err := redis.Int(pool.Do(t.Context(), "EXISTS", "key"))
		if err != nil {
			t.Fatal(err)
		}
		return found == 0
	})
}

// Not parallel: it changes the environment of the process.
func TestAWrongPGBINIsNamed(t *testing.T) {
	t.Setenv("PG_BIN", t.TempDir())
	_, err := embedded.StartPostgres(t.Context(), embedded.PostgresOptions{Dir: t.TempDir(), Logger: quietly()})
	if err == nil || !strings.Contains(err.Error(), "PG_BIN") {
		t.Fatalf("got %v", err)
	}
}
