// Package health tells balancers and operators how a process is doing, without
// letting one slow dependency take every copy out of service.
package health

import (
	"context"
	"errors"
	"net/http"
	"slices"
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
	// Lag, where there is one, is how far a replica is behind; it fails where that
	// is not known. A replica may be down because it is behind.
	Lag func(ctx context.Context) (time.Duration, error)
}

// Finding is what one look at a dependency has shown.
type Finding struct {
	Name     string
	Role     string
	Critical bool
	Err      error // nil: it can serve
	Latency  time.Duration
	Lag      time.Duration // 0 = none is known
}

// Survey looks at dependencies whose number is only known when asked, such as
// the instances of another service.
type Survey struct {
	Group string // Database, Redis or Services
	Look  func(ctx context.Context) []Finding
}

// Config is what Health needs.
type Config struct {
	Version string
	Checks  []Check
	Surveys []Survey
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
	for _, survey := range c.Surveys {
		if survey.Group == "" || survey.Look == nil {
			return nil, errors.New("health: a survey needs a group and a way to look")
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
	rep := h.report(r.Context(), func(string) bool { return true })
	status := http.StatusOK
	if rep.Status == "down" {
		status = http.StatusServiceUnavailable
	}
	return httpserver.WriteJSON(w, status, rep)
}

// group is stricter than overall: asked about one kind of dependency, anything that is down is 503.
func (h *Health) group(name string) httpserver.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		rep := h.report(r.Context(), func(group string) bool { return group == name })
		status := http.StatusOK
		if rep.Status != "ok" {
			status = http.StatusServiceUnavailable
		}
		return httpserver.WriteJSON(w, status, rep)
	}
}

func (h *Health) report(ctx context.Context, want func(group string) bool) report {
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

func (h *Health) probe(ctx context.Context, want func(group string) bool) []result {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	looks := make([][]result, len(h.config.Checks)+len(h.config.Surveys))
	var group errgroup.Group
	for i, c := range h.config.Checks {
		if want(c.Group) {
			group.Go(func() error { looks[i] = []result{look(ctx, c)}; return nil })
		}
	}
	for i, s := range h.config.Surveys {
		if want(s.Group) {
			group.Go(func() error { looks[len(h.config.Checks)+i] = s.results(ctx); return nil })
		}
	}
	_ = group.Wait()                                      // looking never fails, it reports
	return append([]result{}, slices.Concat(looks...)...) // [] in JSON, never null
}

func (s Survey) results(ctx context.Context) []result {
	var results []result
	for _, f := range s.Look(ctx) {
		res := result{Name: f.Name, Group: s.Group, Role: f.Role, Status: "up", LatencyMS: ms(f.Latency), critical: f.Critical}
		if f.Err != nil {
			res.Status = "down"
		}
		if f.Lag > 0 {
			lag := ms(f.Lag)
			res.LagMS = &lag
		}
		results = append(results, res)
	}
	return results
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func look(ctx context.Context, c Check) result {
	start := time.Now()
	res := result{Name: c.Name, Group: c.Group, Role: c.Role, Status: "up", critical: c.Critical}
	if err := c.Probe(ctx); err != nil {
		res.Status = "down"
	}
	if c.Lag != nil {
		if lag, err := c.Lag(ctx); err == nil {
			behind := ms(lag)
			res.LagMS = &behind
		}
	}
	res.LatencyMS = ms(time.Since(start))
	return res
}
