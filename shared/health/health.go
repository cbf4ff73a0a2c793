// Package health tells balancers and operators how a process is doing, without
// letting one slow dependency take every copy out of service.
package health

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/httpserver"
	"golang.org/x/sync/errgroup"
)

// probeTimeout bounds one look at a dependency: a health page that hangs helps nobody.
const probeTimeout = 2 * time.Second

// The groups of checks, each with an endpoint of its own.
const (
	Database = "database"
	Redis    = "redis"
	Services = "services"
)

var errNotReady = fault.New(fault.Unavailable, "unavailable", "This instance is starting or draining.").WithRetryAfter(time.Second)

// Check looks at one dependency.
type Check struct {
	Name  string // unique within its group: "primary", "replica-1", "auth"
	Group string // Database, Redis or Services
	Role  string // what the dependency is, for the reader; never a host name
	// Critical: without it the service is down, not merely degraded.
	Critical bool
	// Probe fails when the dependency cannot serve.
	Probe func(ctx context.Context) error
	// Lag, where there is one, is how far a replica is behind.
	Lag func(ctx context.Context) (time.Duration, error)
}

// Config is what Health needs.
type Config struct {
	Version string
	Checks  []Check
}

// Health answers the health endpoints of one process.
type Health struct {
	config   Config
	started  time.Time
	ready    atomic.Bool
	draining atomic.Bool
}

// New makes it, not yet ready.
func New(c Config) (*Health, error) {
	for _, check := range c.Checks {
		if check.Name == "" || check.Group == "" || check.Probe == nil {
			return nil, errors.New("health: a check needs a name, a group and a probe")
		}
	}
	return &Health{config: c, started: time.Now()}, nil
}

// Ready says that the process has started.
func (h *Health) Ready() { h.ready.Store(true) }

// Drain says that the process is about to stop; there is no way back.
func (h *Health) Drain() { h.draining.Store(true) }

// Routes are the endpoints, to be mounted with a service's own.
func (h *Health) Routes() []httpserver.Route {
	return []httpserver.Route{
		{Method: http.MethodGet, Pattern: "/health", Handler: h.overall},
		{Method: http.MethodGet, Pattern: "/health/live", Handler: h.live},
		{Method: http.MethodGet, Pattern: "/health/ready", Handler: h.readiness},
		{Method: http.MethodGet, Pattern: "/health/database", Handler: h.group(Database)},
		{Method: http.MethodGet, Pattern: "/health/redis", Handler: h.group(Redis)},
		{Method: http.MethodGet, Pattern: "/health/services", Handler: h.group(Services)},
	}
}

type result struct {
	Name      string   `json:"name"`
	Group     string   `json:"group"`
	Role      string   `json:"role,omitempty"`
	Status    string   `json:"status"` // up or down
	LatencyMS float64  `json:"latencyMs"`
	LagMS     *float64 `json:"lagMs,omitempty"`

	critical bool
}

type report struct {
	Status        string   `json:"status"` // ok, degraded or down
	Version       string   `json:"version"`
	UptimeSeconds int64    `json:"uptimeSeconds"`
	Checks        []result `json:"checks"`
}

func (h *Health) live(w http.ResponseWriter, _ *http.Request) error {
	return httpserver.WriteJSON(w, http.StatusOK, map[string]string{"status": "ok"})
}

func (h *Health) readiness(w http.ResponseWriter, _ *http.Request) error {
	if !h.ready.Load() || h.draining.Load() {
		return errNotReady
	}
	return httpserver.WriteJSON(w, http.StatusOK, map[string]string{"status": "ok"})
}

func (h *Health) overall(w http.ResponseWriter, r *http.Request) error {
	rep := h.report(r.Context(), func(Check) bool { return true })
	status := http.StatusOK
	if rep.Status == "down" {
		status = http.StatusServiceUnavailable
	}
	return httpserver.WriteJSON(w, status, rep)
}

// group is stricter than overall: asked about one kind of dependency, anything that is down is 503.
func (h *Health) group(name string) httpserver.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		rep := h.report(r.Context(), func(c Check) bool { return c.Group == name })
		status := http.StatusOK
		if rep.Status != "ok" {
			status = http.StatusServiceUnavailable
		}
		return httpserver.WriteJSON(w, status, rep)
	}
}

func (h *Health) report(ctx context.Context, want func(Check) bool) report {
	rep := report{Status: "ok", Version: h.config.Version, UptimeSeconds: int64(time.Since(h.started).Seconds()), Checks: h.probe(ctx, want)}
	for _, c := range rep.Checks {
		switch {
		case c.Status == "up":
		case c.critical:
			rep.Status = "down"
		case rep.Status == "ok":
			rep.Status = "degraded"
		}
	}
	return rep
}

func (h *Health) probe(ctx context.Context, want func(Check) bool) []result {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	var checks []Check
	for _, c := range h.config.Checks {
		if want(c) {
			checks = append(checks, c)
		}
	}
	results := make([]result, len(checks))
	var group errgroup.Group
	for i, c := range checks {
		group.Go(func() error {
			results[i] = look(ctx, c)
			return nil
		})
	}
	_ = group.Wait() // look never fails, it reports
	return results
}

func look(ctx context.Context, c Check) result {
	start := time.Now()
	res := result{Name: c.Name, Group: c.Group, Role: c.Role, Status: "up", critical: c.Critical}
	if err := c.Probe(ctx); err != nil {
		res.Status = "down"
	} else if c.Lag != nil {
		if lag, err := c.Lag(ctx); err == nil {
			ms := float64(lag.Microseconds()) / 1000
			res.LagMS = &ms
		}
	}
	res.LatencyMS = float64(time.Since(start).Microseconds()) / 1000
	return res
}
