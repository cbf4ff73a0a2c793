package main_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/loveapp/backend/shared/eventually"
)

// isLookedInto asks what an operator asks first: Redis, PostgreSQL, and a log while it is written.
func (s stack) isLookedInto(t *testing.T, gateway string) {
	t.Helper()
	for _, c := range []struct {
		args []string
		says string
	}{
		{[]string{"redis"}, "redis_mode:standalone"},
		{[]string{"redis", "cluster", "info"}, "cluster support disabled"}, // the words arrive
		{[]string{"psql", "SELECT count(*) FROM pg_stat_activity"}, "(1 row)"},
		{[]string{"psql", "SELECT 'in recovery: ' || pg_is_in_recovery() AS role"}, "in recovery: false"},
		{[]string{"logs", "gateway-1"}, `"service":"gateway"`},
	} {
		eventually.True(t, fmt.Sprintf("stack %v says %q", c.args, c.says), func() bool {
			out, _ := s.run(t, c.args...) // an error has another text
			return strings.Contains(out, c.says)
		})
	}
	if out, err := s.run(t, "psql", "SELECT FROM nowhere"); err == nil {
		t.Errorf("a statement that fails is no success: %s", out)
	}
	s.logIsFollowed(t, gateway)
}

// logIsFollowed: a request that is made while somebody watches shows in what they see.
func (s stack) logIsFollowed(t *testing.T, gateway string) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	cmd := exec.CommandContext(ctx, filepath.Join(s.root, ".bin", "stack"), "logs", "-dir", s.dir, "-f", "gateway-1")
	var seen screen
	cmd.Dir, cmd.Stdout, cmd.Stderr = s.root, &seen, &seen
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		stop()
		_ = cmd.Wait() // killed
	}()
	eventually.True(t, "the last lines are shown", func() bool { return seen.shows("\n") })
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+gateway+"/health", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Close = true
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	id := res.Header.Get("X-Request-Id")
	if id == "" {
		t.Fatal("the request has no id")
	}
	eventually.True(t, "the request shows in the log", func() bool { return seen.shows(id) })
}

// screen is what a program has printed so far.
type screen struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *screen) Write(text []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(text)
}

func (s *screen) shows(text string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return bytes.Contains(s.text.Bytes(), []byte(text))
}
