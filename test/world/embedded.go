package world

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/loveapp/backend/auth"
	"github.com/loveapp/backend/gateway"
	"github.com/loveapp/backend/notification"
	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/freeport"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/metrics"
	"github.com/loveapp/backend/sos"
)

const loopback = "127.0.0.1"

// embeddedWorld is the services' real façades in this process, on real servers.
type embeddedWorld struct {
	t        T
	servers  Servers
	copies   []*copied
	jwt      config.Secret
	internal config.Secret
	dir      string
	logger   *slog.Logger
	size     Size
	metrics  map[string]*metrics.Registry // by service, of its first copy
}

// copied is one copy of a service. Its port stays the same over restarts.
type copied struct {
	service string
	port    int
	stop    context.CancelFunc // nil while it does not run
	ended   chan error
}

func (c *copied) addr() string { return fmt.Sprintf("%s:%d", loopback, c.port) }

// Embedded runs the services' real façades on the servers, the gateway in front.
func Embedded(t T, servers Servers, size Size) Restartable {
	t.Helper()
	size = size.withDefaults()
	w := &embeddedWorld{t: t, servers: servers, jwt: newSecret(), internal: newSecret(), dir: NewFolder(t), logger: size.Logger, size: size, metrics: map[string]*metrics.Registry{}}
	for _, service := range []string{"auth", "notification", "sos"} {
		w.add(service, size.Services)
	}
	w.add("gateway", size.Gateways)
	t.Cleanup(func() { w.Stop() })
	w.Start()
	return w
}

func (w *embeddedWorld) add(service string, copies int) {
	for range copies {
		w.copies = append(w.copies, &copied{service: service})
	}
}

func newSecret() config.Secret {
	var raw [32]byte
	_, _ = rand.Read(raw[:]) // never fails (Go 1.24)
	return config.Secret(hex.EncodeToString(raw[:]))
}

// Gateways are the gateways' URLs.
func (w *embeddedWorld) Gateways() []string {
	var urls []string
	for _, c := range w.copies {
		if c.service == "gateway" {
			urls = append(urls, "http://"+c.addr())
		}
	}
	return urls
}

// runner is a service that has bound its port.
type runner interface {
	Run(ctx context.Context) error
}

// Start runs what is stopped. All ports are bound first: each service is told
// where the others are.
func (w *embeddedWorld) Start() {
	w.t.Helper()
	listeners := map[*copied]net.Listener{}
	for _, c := range w.copies {
		if c.stop == nil {
			listeners[c] = w.open(c)
		}
	}
	for _, c := range w.copies {
		if l := listeners[c]; l != nil {
			w.run(c, l)
		}
	}
	for c := range listeners {
		awaitReady(w.t, c.service, "http://"+c.addr())
	}
}

func (w *embeddedWorld) open(c *copied) net.Listener {
	w.t.Helper()
	if c.port == 0 {
		c.port = freeport.Reserve(w.t) // kept while the copy is stopped
	}
	l, err := httpserver.Listen(w.t.Context(), loopback, c.port)
	if err != nil {
		w.t.Fatalf("listen for %s: %v", c.service, err)
	}
	return l
}

func (w *embeddedWorld) run(c *copied, l net.Listener) {
	w.t.Helper()
	ctx, stop := context.WithCancel(context.WithoutCancel(w.t.Context())) // the test's ends before its clean-up
	service, err := w.build(ctx, c.service, l)
	if err != nil {
		stop()
		w.t.Fatalf("start %s: %v", c.service, err)
	}
	c.stop, c.ended = stop, make(chan error, 1)
	go func() { c.ended <- service.Run(ctx) }()
}

// Stop ends the named services' copies, all at the same time.
func (w *embeddedWorld) Stop(services ...string) {
	w.t.Helper()
	var stopped []*copied
	for _, c := range w.copies {
		if c.stop != nil && (len(services) == 0 || slices.Contains(services, c.service)) {
			c.stop()
			c.stop = nil
			stopped = append(stopped, c)
		}
	}
	for _, c := range stopped {
		if err := <-c.ended; err != nil {
			w.t.Errorf("%s ends with: %v", c.service, err)
		}
	}
}

func (w *embeddedWorld) build(ctx context.Context, service string, l net.Listener) (runner, error) {
	registry := metrics.New(service)
	if w.metrics[service] == nil {
		w.metrics[service] = registry
	}
	switch service {
	case "auth":
		return auth.New(ctx, auth.Config{
			Infra: w.infra(), JWTSecret: w.jwt, Listener: l, Logger: w.logger, Metrics: registry,
			AdminEmail: adminEmail, AdminPassword: adminPassword, Letters: auth.Letters{OutboxDir: w.dir}, OIDCIssuers: w.size.Issuers,
		})
	case "notification":
		return notification.New(ctx, notification.Config{
			Providers: notification.Providers{OutboxDir: w.dir},
			Infra:     w.infra(), Listener: l, Logger: w.logger, Metrics: registry,
			MaxSockets: 1000, SocketDrain: config.Duration(100 * time.Millisecond),
		})
	case "sos":
		return sos.New(ctx, sos.Config{Infra: w.infra(), Listener: l, Logger: w.logger, Metrics: registry})
	default:
		return gateway.New(ctx, gateway.Config{
			Infra: w.infra(), Listener: l, Logger: w.logger, Metrics: registry,
			GatewayInstances: 1, MaxInFlight: 2048, MaxTunnels: 1000, LegacyHost: w.size.LegacyHost, // no rate limits: people of a journey share an address
		})
	}
}

// infra is what an operator's environment would say.
func (w *embeddedWorld) infra() config.Infra {
	database, cache := w.servers.Postgres, w.servers.Redis
	return config.Infra{
		DatabaseHost: database.Hosts[0].Host, DatabasePort: database.Hosts[0].Port, DatabaseName: database.Name,
		DatabaseUsername: database.Username, DatabasePassword: database.Password, DatabaseSSLMode: database.SSLMode,
		DatabasePoolMax: 10, DatabasePoolWarm: 4, // as in production: a trigger waits 250 ms for a connection
		RedisHost: cache.Addrs[0].Host, RedisPort: cache.Addrs[0].Port, RedisPassword: cache.Password,
		InternalSecret: w.internal, LegacyJWTSecret: w.size.LegacySecret, OTLPEndpoint: w.size.Collector,
		AuthServiceHost: w.hosts("auth"), NotificationServiceHost: w.hosts("notification"), SOSServiceHost: w.hosts("sos"),
		ListenHost: loopback, PublicURL: w.Gateways()[0], TrustedProxies: loopback + "/8",
		DataDir: w.dir, LogLevel: "info", JWTExpiresIn: config.Duration(15 * time.Minute), DrainTimeout: config.Duration(10 * time.Second), MigrateOnStart: true,
	}
}

// hosts lists the copies of a service as *_SERVICE_HOST does.
func (w *embeddedWorld) hosts(service string) string {
	var hosts []string
	for _, c := range w.copies {
		if c.service == service {
			hosts = append(hosts, c.addr())
		}
	}
	return strings.Join(hosts, ",")
}
