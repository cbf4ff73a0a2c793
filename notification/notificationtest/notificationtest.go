// Package notificationtest runs the notification service in process on adapters
// in memory, for tests of whatever talks to it.
package notificationtest

import (
	"context"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/loveapp/backend/notification"
	"github.com/loveapp/backend/notification/internal/adapters/sosclient"
	"github.com/loveapp/backend/notification/internal/adapters/wsapi"
	"github.com/loveapp/backend/notification/internal/app"
	"github.com/loveapp/backend/notification/internal/ports"
	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/eventually"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/metrics"
	"github.com/loveapp/backend/shared/servicetoken"
)

// Options change what Start starts; the zero value is fine.
type Options struct {
	// AuthURLs are the base URLs of a running auth, whose keys and revocations
	// then count. Without them the service trusts tokens of JWTSecret.
	AuthURLs []string
	// SOSURLs are the base URLs of a running sos, which is then asked who may
	// listen to its rooms. Without them Backplane.Let decides.
	SOSURLs        []string
	JWTSecret      config.Secret // "" = one of the tests
	InternalSecret config.Secret // "" = one of the tests
	// Backplane is shared with other instances; nil = one of its own.
	Backplane *Backplane
	// Providers carry messages to whoever has no open socket; the zero value: nobody.
	Providers notification.Providers
	// Now is the clock; nil = time.Now. A shared backplane has its own.
	Now    func() time.Time
	Logger *slog.Logger // nil discards
}

const (
	defaultJWTSecret      config.Secret = "notificationtest: JWT_SECRET of at least 32 bytes"
	defaultInternalSecret config.Secret = "notificationtest: INTERNAL_SECRET of at least 32 bytes"
)

func (o Options) withDefaults() Options {
	if o.JWTSecret == "" {
		o.JWTSecret = defaultJWTSecret
	}
	if o.InternalSecret == "" {
		o.InternalSecret = defaultInternalSecret
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Backplane == nil {
		o.Backplane = NewBackplane(o.Now)
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

// Notification is a running instance.
type Notification struct {
	URL            string
	InternalSecret config.Secret

	tb       testing.TB
	now      func() time.Time
	identity *identity
	service  *notification.Service
	stop     context.CancelFunc
}

// Stop has the service drain and end. The test's end does so, too, and waits for it.
func (n *Notification) Stop() { n.stop() }

// Start runs the service until the test ends.
func Start(tb testing.TB, o Options) *Notification {
	tb.Helper()
	o = o.withDefaults()
	id := newIdentity(tb, o)
	b := o.Backplane
	service, err := notification.Assemble(o.config(tb), notification.Adapters{
		Store: b.store, Registry: b.registry, Bus: b.bus, Alerts: b.alerts, Tickets: b.tickets, Owner: o.owner(tb, id), Preferences: b.preferences, Templates: b.templates, Devices: b.devices, People: b.people,
		Keys: id.keys, Revocations: id.revocations, Background: id.background,
		Prepare: func(context.Context) error { return nil },
		Close:   func() error { return nil },
		Now:     o.Now,
		Pace:    pace(),
		Limits:  wsapi.Limits{Drain: 50 * time.Millisecond, RetryAfter: 100 * time.Millisecond},
	})
	if err != nil {
		tb.Fatalf("start notification: %v", err)
	}
	n := &Notification{URL: service.URL(), InternalSecret: o.InternalSecret, tb: tb, now: o.Now, identity: id, service: service}
	n.run()
	return n
}

// owner asks the way the real service does, where there is somebody to ask.
func (o Options) owner(tb testing.TB, id *identity) ports.Owner {
	tb.Helper()
	if len(o.SOSURLs) == 0 {
		return o.Backplane.owner
	}
	client, err := sosclient.New(sosclient.Config{
		URLs: o.SOSURLs, Token: func() (string, error) { return id.services.Sign(servicetoken.Notification, servicetoken.SOS) },
	})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = client.Close() })
	return client
}

// pace is that of production, ten times as fast: no test wants to wait.
func pace() app.Pace {
	p := app.DefaultPace()
	p.Heartbeat, p.Lease = p.Heartbeat/10, p.Lease/10
	p.Reap, p.Quiet = p.Reap/10, p.Quiet/10
	p.Sweep, p.Expire = p.Sweep/10, p.Expire/10
	p.Revocation /= 10
	p.Occupy, p.Recheck = p.Occupy/10, p.Recheck/10
	return p
}

func (o Options) config(tb testing.TB) notification.Config {
	tb.Helper()
	c := notification.Config{
		MaxSockets: 1000, SocketDrain: config.Duration(50 * time.Millisecond),
		Logger: o.Logger, Metrics: metrics.New("notification"), Version: "test",
	}
	c.InternalSecret = o.InternalSecret
	c.Providers = o.Providers
	c.TrustedProxies = "127.0.0.0/8"
	listener, err := httpserver.Listen(tb.Context(), "127.0.0.1", 0)
	if err != nil {
		tb.Fatalf("listen: %v", err)
	}
	c.Listener = listener
	return c
}

// run serves until the test ends, and returns once the service is ready.
func (n *Notification) run() {
	n.tb.Helper()
	ctx, stop := context.WithCancel(context.Background()) // the test's own ends before its cleanups
	ended := make(chan error, 1)
	go func() { ended <- n.service.Run(ctx) }()
	n.stop = stop
	n.tb.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			n.tb.Errorf("notification ended with: %v", err)
		}
	})
	eventually.True(n.tb, "notification is ready", n.ready)
}

func (n *Notification) ready() bool {
	req, err := http.NewRequestWithContext(n.tb.Context(), http.MethodGet, n.URL+"/health/ready", http.NoBody)
	if err != nil {
		return false
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}} // leaves no goroutine behind
	res, err := client.Do(req)
	if err != nil {
		return false
	}
	_ = res.Body.Close()
	return res.StatusCode == http.StatusOK
}
