package health_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/loveapp/backend/shared/health"
)

func check(name, group string, critical bool, err error) health.Check {
	return health.Check{Name: name, Group: group, Role: "test", Critical: critical, Probe: func(context.Context) error { return err }}
}

func look(t *testing.T, h *health.Health, path string) (int, map[string]any, string) {
	t.Helper()
	for _, route := range h.Routes() {
		if route.Pattern != path {
			continue
		}
		w := httptest.NewRecorder()
		route.Handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, http.NoBody))
		var body map[string]any
		if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
			t.Fatal(err)
		}
		return w.Code, body, w.Body.String()
	}
	t.Fatalf("no route %s", path)
	return 0, nil, ""
}

func TestHealthWeighsItsChecks(t *testing.T) {
	t.Parallel()
	down := errors.New("dial tcp 10.1.2.3:5432: connection refused")
	cases := map[string]struct {
		primary, redis error
		status         string
		code, database int
		redisCode      int
	}{
		"all well":       {nil, nil, "ok", 200, 200, 200},
		"cache gone":     {nil, down, "degraded", 200, 200, 503},
		"database gone":  {down, nil, "down", 503, 503, 200},
		"both are away":  {down, down, "down", 503, 503, 503},
		"order is moot ": {down, nil, "down", 503, 503, 200},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, err := health.New(health.Config{Version: "1", Checks: []health.Check{
				check("primary", health.Database, true, c.primary), check("cache", health.Redis, false, c.redis),
			}})
			if err != nil {
				t.Fatal(err)
			}
			code, body, text := look(t, h, "/health")
			if code != c.code || body["status"] != c.status {
				t.Errorf("/health: %d %v", code, body)
			}
			if strings.Contains(text, "10.1.2.3") {
				t.Errorf("a host is shown: %s", text)
			}
			if code, _, _ := look(t, h, "/health/database"); code != c.database {
				t.Errorf("/health/database: %d", code)
			}
			if code, _, _ := look(t, h, "/health/redis"); code != c.redisCode {
				t.Errorf("/health/redis: %d", code)
			}
			if code, _, _ := look(t, h, "/health/services"); code != http.StatusOK {
				t.Errorf("/health/services without peers: %d", code)
			}
		})
	}
}

func TestReadyIsStartedAndNotDraining(t *testing.T) {
	t.Parallel()
	h, err := health.New(health.Config{Checks: []health.Check{check("primary", health.Database, true, errors.New("away"))}})
	if err != nil {
		t.Fatal(err)
	}
	expect := func(want int) {
		t.Helper()
		if code, _, _ := look(t, h, "/health/ready"); code != want {
			t.Errorf("ready answers %d, want %d", code, want)
		}
	}
	expect(http.StatusServiceUnavailable)
	h.Ready()
	expect(http.StatusOK) // although the database is away: one blip must not take every copy out
	h.Drain()
	expect(http.StatusServiceUnavailable)
	if code, _, _ := look(t, h, "/health/live"); code != http.StatusOK {
		t.Error("a draining process is still alive")
	}
}

func TestLagIsShownAndABrokenCheckIsRefused(t *testing.T) {
	t.Parallel()
	replica := check("replica-1", health.Database, false, nil)
	replica.Lag = func(context.Context) (time.Duration, error) { return 250 * time.Millisecond, nil }
	h, err := health.New(health.Config{Checks: []health.Check{replica}})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, text := look(t, h, "/health/database"); !strings.Contains(text, `"lagMs":250`) {
		t.Errorf("no lag in %s", text)
	}
	replica.Probe = func(context.Context) error { return errors.New("it is too far behind") }
	h, err = health.New(health.Config{Checks: []health.Check{replica}})
	if err != nil {
		t.Fatal(err)
	}
	if code, _, text := look(t, h, "/health/database"); code != http.StatusServiceUnavailable || !strings.Contains(text, `"lagMs":250`) {
		t.Errorf("the replica that is down because of its lag: %d %s", code, text)
	}
	if _, err := health.New(health.Config{Checks: []health.Check{{Name: "x"}}}); err == nil {
		t.Error("a check that probes nothing was accepted")
	}
}
