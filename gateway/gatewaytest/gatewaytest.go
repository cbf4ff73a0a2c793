// Package gatewaytest runs the gateway in process, with limits that are counted
// in memory, for tests of whatever stands before or behind it.
package gatewaytest

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/loveapp/backend/gateway"
	"github.com/loveapp/backend/gateway/internal/adapters/memory"
	"github.com/loveapp/backend/gateway/internal/ports"
	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/eventually"
	"github.com/loveapp/backend/shared/health"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/metrics"
)

// Options change what Start starts. A service without URLs cannot be reached,
// and a limit that is left out does not limit.
type Options struct {
	AuthURLs, NotificationURLs, SOSURLs []string
	InternalSecret                      config.Secret // "" = one of the tests
	LegacyURLs                          []string      // the monolith's; none = there is no monolith
	LegacyJWTSecret                     config.Secret // "" = its tokens are not taken

	// The limits, as in the environment: 100/1m, 50/1s:100.
	Short, Medium, Long        string
	General, Auth, SOS, Urgent string
	Instance                   string // of all clients together

	SharedAddresses string
	CORSOrigins     string
	TrustedProxies  string // "" = 127.0.0.0/8, so that X-Forwarded-For of the test counts
	MaxInFlight     int    // 0 = 2048
	MaxTunnels      int    // 0 = 9000
	DrainTimeout    time.Duration
	WriteBuffer     int // bytes a client's connection holds on its way out; 0 = the kernel's choice
	Hurry           int // how many times sooner clients' connections run out of time; 0 = in their time

	MaxTunnelsPerUser, MaxTunnelsPerAddress int // 0 = no limit

	Logger *slog.Logger // nil discards
}

const (
	defaultInternalSecret config.Secret = "gatewaytest: INTERNAL_SECRET of at least 32 bytes"
	// nobody is where no service listens: port 1 is refused at once.
	nobody = "127.0.0.1:1"
)

// Gateway is a running gateway.
type Gateway struct {
	URL     string
	Metrics *metrics.Registry

	tb      testing.TB
	service *gateway.Service
	stop    context.CancelFunc
	ended   chan error
}

// Start runs the gateway until the test ends.
func Start(tb testing.TB, o Options) *Gateway {
	tb.Helper()
	limiter, err := memory.NewLimiter(time.Now)
	if err != nil {
		tb.Fatalf("start gateway: %v", err)
	}
	return start(tb, o, limiter, nil)
}

// StartOn is Start with limits counted elsewhere.
func StartOn(tb testing.TB, o Options, limiter ports.Limiter, checks ...health.Check) *Gateway {
	tb.Helper()
	return start(tb, o, limiter, checks)
}

func start(tb testing.TB, o Options, limiter ports.Limiter, checks []health.Check) *Gateway {
	tb.Helper()
	c := o.config(tb)
	answers, err := memory.NewAnswers(time.Now)
	if err != nil {
		tb.Fatalf("start gateway: %v", err)
	}
	service, err := gateway.Assemble(c, gateway.Adapters{Limiter: limiter, Answers: answers, Checks: checks, Close: func() error { return nil }})
	if err != nil {
		tb.Fatalf("start gateway: %v", errors.Join(err, c.Listener.Close()))
	}
	g := &Gateway{URL: service.URL(), Metrics: c.Metrics, tb: tb, service: service, ended: make(chan error, 1)}
	ctx, stop := context.WithCancel(context.Background()) // the test's own ends before its cleanups
	g.stop = stop
	go func() { g.ended <- service.Run(ctx) }()
	tb.Cleanup(g.Stop)
	g.awaitReady()
	return g
}

// Stop drains the gateway and waits for its end. The test's end does so, too.
func (g *Gateway) Stop() {
	g.stop()
	if err, running := <-g.ended; running {
		close(g.ended)
		if err != nil {
			g.tb.Errorf("the gateway ended with: %v", err)
		}
	}
}

func (o Options) config(tb testing.TB) gateway.Config {
	tb.Helper()
	listener, err := httpserver.Listen(tb.Context(), "127.0.0.1", 0)
	if err != nil {
		tb.Fatalf("listen: %v", err)
	}
	c := gateway.Config{
		RateLimitShort: o.Short, RateLimitMedium: o.Medium, RateLimitLong: o.Long, RateLimitGeneral: o.General,
		RateLimitInstance: o.Instance,
		RateLimitAuth:     o.Auth, RateLimitSOS: o.SOS, RateLimitUrgent: o.Urgent, SharedAddresses: o.SharedAddresses,
		GatewayInstances: 1, CORSOrigins: o.CORSOrigins, MaxInFlight: or(o.MaxInFlight, 2048), MaxTunnels: or(o.MaxTunnels, 9000),
		Listener: hurried{narrow{listener, o.WriteBuffer}, time.Duration(o.Hurry)}, Logger: or(o.Logger, slog.New(slog.DiscardHandler)), Metrics: metrics.New("gateway"), Version: "test",
	}
	c.MaxTunnelsPerUser, c.MaxTunnelsPerAddress = o.MaxTunnelsPerUser, o.MaxTunnelsPerAddress
	if len(o.LegacyURLs) > 0 {
		c.LegacyHost = hosts(o.LegacyURLs)
	}
	c.LegacyJWTSecret = o.LegacyJWTSecret
	c.InternalSecret = or(o.InternalSecret, defaultInternalSecret)
	c.TrustedProxies = or(o.TrustedProxies, "127.0.0.0/8")
	c.AuthServiceHost, c.NotificationServiceHost, c.SOSServiceHost = hosts(o.AuthURLs), hosts(o.NotificationURLs), hosts(o.SOSURLs)
	c.JWTExpiresIn, c.DrainTimeout = config.Duration(15*time.Minute), config.Duration(or(o.DrainTimeout, 10*time.Second))
	return c
}

// hosts writes base URLs as the settings have them.
func hosts(urls []string) string {
	var list []string
	for _, u := range urls {
		list = append(list, strings.TrimSuffix(strings.TrimPrefix(u, "http://"), "/"))
	}
	return or(strings.Join(list, ","), nobody)
}

func or[T comparable](given, otherwise T) T {
	var zero T
	if given == zero {
		return otherwise
	}
	return given
}

func (g *Gateway) awaitReady() {
	g.tb.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	eventually.True(g.tb, "the gateway is ready", func() bool {
		req, err := http.NewRequestWithContext(g.tb.Context(), http.MethodGet, g.URL+"/health/ready", http.NoBody)
		if err != nil {
			g.tb.Fatalf("ask for readiness: %v", err)
		}
		res, err := client.Do(req)
		if err != nil {
			return false
		}
		_ = res.Body.Close()
		return res.StatusCode == http.StatusOK
	})
}
