// Package redistest gives each test a redis-server of its own: it starts in
// some 20 ms, and parallel tests share neither keys nor channels.
package redistest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/embedded"
	"github.com/loveapp/backend/shared/redispool"
	"go.uber.org/goleak"
)

var errNoRedis = errors.New("redis-server is not installed: run `make deps` (Debian: apt-get install redis-server)")

// New gives a pool to a new, empty server that is stopped when the test ends.
func New(tb testing.TB) *redispool.Pool {
	tb.Helper()
	pool, err := redispool.Open(Config(tb))
	if err != nil {
		tb.Fatalf("open the test's Redis: %v", err)
	}
	tb.Cleanup(func() { _ = pool.Close() }) // runs before the server is stopped
	return pool
}

// Config is New without the pool: for a service that opens its own.
func Config(tb testing.TB) redispool.Config {
	tb.Helper()
	server, err := embedded.StartRedis(tb.Context(), embedded.RedisOptions{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		tb.Fatalf("start redis-server: %v", err)
	}
	tb.Cleanup(func() { stop(tb, server) })
	if server.InProcess() {
		tb.Fatal(errNoRedis)
	}
	return redispool.Config{Addrs: []config.HostPort{server.Addr()}, Password: server.Password()}
}

func stop(tb testing.TB, server *embedded.Redis) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second) // the test's has ended
	defer cancel()
	if err := server.Stop(ctx); err != nil {
		tb.Errorf("stop redis-server: %v", err)
	}
}

// Start is for pgtest.Main: it fails before any test when there is no redis-server.
func Start(context.Context) (stop func() error, err error) {
	if _, err := exec.LookPath("redis-server"); err != nil {
		return nil, errNoRedis
	}
	return clusters.clear, nil
}

// Main runs the tests of a package that uses New, then checks that they left no
// goroutine. It ends the process. Call it from TestMain.
func Main(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	stop, err := Start(context.Background())
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "FAIL:", err)
		return 1
	}
	code := m.Run()
	if err := stop(); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "FAIL: stop the tests' clusters:", err)
		return 1
	}
	if code == 0 { // a failed test may well leave something behind
		if err := goleak.Find(); err != nil {
			_, _ = fmt.Fprintln(os.Stderr, "FAIL: the tests left goroutines behind:", err)
			return 1
		}
	}
	return code
}
