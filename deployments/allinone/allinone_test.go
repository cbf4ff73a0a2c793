package main_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/loveapp/backend/shared/eventually"
)

func TestATakenServicePortMovesUnlessItWasAskedFor(t *testing.T) {
	t.Parallel()
	first := start(t, t.TempDir())
	second := start(t, t.TempDir()) // 3001 to 3003 and 9400 are the first one's, or somebody else's
	for _, p := range []*process{first, second} {
		if status, _ := p.get("/health/services"); status != http.StatusOK {
			t.Errorf("services of %s: %d, want 200", p.url(), status)
		}
	}
	first.stop()
	second.stop()
}

func TestWithoutItsDatabaseTheProcessEndsWithAnError(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := start(t, dir)
	if err := syscall.Kill(postmaster(t, dir), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if code := p.exit(); code != 1 {
		t.Errorf("exit code %d, want 1", code)
	}
	if !strings.Contains(p.stderr(), "PostgreSQL ended by itself") {
		t.Errorf("stderr does not say why: %s", p.stderr())
	}
	start(t, dir).stop() // and comes back
}

func TestWithoutItsRedisTheProcessGoesOnDegraded(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := start(t, dir)
	if err := syscall.Kill(pidIn(t, filepath.Join(dir, "data", "redis", "redis.pid")), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	p.await("the word that Redis has gone", func() bool { return strings.Contains(p.stderr(), "the embedded Redis has ended") })
	p.await("503 as the health of Redis", func() bool { status, _ := p.get("/health/redis"); return status == http.StatusServiceUnavailable })
	p.await("200 and degraded as its health", func() bool {
		status, body := p.get("/health")
		return status == http.StatusOK && strings.Contains(body, `"status":"degraded"`)
	})
	p.stop()
}

func TestStoppedWhileStartingItLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := launch(t, dir)
	awaitFile(t, filepath.Join(dir, "data", "postgres")) // the cluster is being made
	p.signal(syscall.SIGTERM)
	if code := p.exit(); code != 0 {
		t.Errorf("exit code %d, want 0\nstderr: %s", code, p.stderr())
	}
	awaitNoPostmaster(t, dir)
	start(t, dir).stop()
}

func demoAccount(t *testing.T, p *process) string {
	t.Helper()
	_, rest, found := strings.Cut(p.stdout(), "Demo account")
	if !found {
		t.Fatalf("no demo account in %s", p.stdout())
	}
	line, _, _ := strings.Cut(rest, "\n")
	return strings.TrimSpace(line)
}

func awaitNoPostmaster(t *testing.T, dir string) {
	t.Helper()
	eventually.True(t, "PostgreSQL has ended", func() bool { return postmaster(t, dir) == 0 })
}

func awaitFile(t *testing.T, path string) {
	t.Helper()
	eventually.True(t, path+" is there", func() bool { _, err := os.Stat(path); return err == nil })
}
