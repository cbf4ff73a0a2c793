package world

import (
	"context"
	"log/slog"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/embedded"
	"github.com/loveapp/backend/shared/postgres"
	"github.com/loveapp/backend/shared/postgres/pgtest"
	"github.com/loveapp/backend/shared/redispool"
	"github.com/loveapp/backend/shared/redispool/redistest"
)

// Servers are the PostgreSQL and the Redis below a world.
type Servers struct {
	Postgres postgres.Config
	Redis    redispool.Config
}

// Env is where a service finds them, NAME=value.
func (s Servers) Env() []string {
	db, redis := s.Postgres, s.Redis
	return []string{
		"DATABASE_HOST=" + db.Hosts[0].Host, "DATABASE_PORT=" + strconv.Itoa(db.Hosts[0].Port), "DATABASE_USERNAME=" + db.Username,
		"DATABASE_PASSWORD=" + db.Password.Value(), "DATABASE_NAME=" + db.Name, "DATABASE_SSLMODE=disable",
		"REDIS_HOST=" + redis.Addrs[0].Host, "REDIS_PORT=" + strconv.Itoa(redis.Addrs[0].Port), "REDIS_PASSWORD=" + redis.Password.Value(),
	}
}

// OwnServers gives a test an empty database on its binary's PostgreSQL, and a Redis of its own.
func OwnServers(tb testing.TB) Servers {
	tb.Helper()
	return Servers{Postgres: pgtest.Config(tb, "", nil), Redis: redistest.Config(tb)}
}

// NewServers starts both for a program, durable as in production: what is
// measured on them includes the disk.
func NewServers(t T) Servers {
	t.Helper()
	database := startPostgres(t, NewFolder(t))
	cache, err := embedded.StartRedis(t.Context(), embedded.RedisOptions{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatalf("start Redis: %v", err)
	}
	t.Cleanup(func() { stopServer(t, "Redis", cache.Stop) })
	return Servers{Postgres: database, Redis: redispool.Config{Addrs: []config.HostPort{cache.Addr()}, Password: cache.Password()}}
}

// NewFolder makes a folder that goes with the test, or attempt.
func NewFolder(t T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "loveapp-world-*")
	if err != nil {
		t.Fatalf("make a data folder: %v", err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func startPostgres(t T, dir string) postgres.Config {
	t.Helper()
	server, err := embedded.StartPostgres(t.Context(), embedded.PostgresOptions{Dir: dir, Durable: true, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatalf("start PostgreSQL: %v", err)
	}
	t.Cleanup(func() { stopServer(t, "PostgreSQL", server.Stop) })
	c := postgres.Config{
		Hosts: []config.HostPort{server.HostPort()}, Username: server.Username(), Password: server.Password(), Name: "loveapp", SSLMode: "disable",
	}
	if err := postgres.CreateDatabase(t.Context(), c); err != nil {
		t.Fatalf("create the database: %v", err)
	}
	return c
}

func stopServer(t T, name string, stop func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 20*time.Second) // the test's has ended
	defer cancel()
	if err := stop(ctx); err != nil {
		t.Errorf("stop %s: %v", name, err)
	}
}
