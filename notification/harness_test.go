package notification_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/loveapp/backend/notification"
	"github.com/loveapp/backend/notification/internal/adapters/postgres"
	"github.com/loveapp/backend/notification/internal/wstest"
	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/embedded"
	"github.com/loveapp/backend/shared/event"
	"github.com/loveapp/backend/shared/eventually"
	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/idgen"
	"github.com/loveapp/backend/shared/metrics"
	database "github.com/loveapp/backend/shared/postgres"
	"github.com/loveapp/backend/shared/postgres/pgtest"
	"github.com/loveapp/backend/shared/problem"
	"github.com/loveapp/backend/shared/redispool"
	"github.com/loveapp/backend/shared/redispool/redistest"
	"github.com/loveapp/backend/shared/servicetoken"
	"github.com/loveapp/backend/shared/token"
)

func TestMain(m *testing.M) {
	if os.Getenv(childEnv) != "" { // the binary of the tests is an instance, too
		if err := serveChild(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	pgtest.Main(m, redistest.Start)
}

const secret config.Secret = "a secret of the tests with 32 bytes or more"

// cluster is a PostgreSQL, a Redis and an auth that instances share.
type cluster struct {
	tb       testing.TB
	database database.Config
	redis    *embedded.Redis
	auth     *auth
	services *servicetoken.Keys
}

func newCluster(tb testing.TB) *cluster {
	tb.Helper()
	return newClusterOn(tb, pgtest.Config(tb, postgres.Schema, nil))
}

func newClusterOn(tb testing.TB, db database.Config) *cluster {
	tb.Helper()
	redis, err := embedded.StartRedis(tb.Context(), embedded.RedisOptions{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		tb.Fatal(err)
	}
	services, err := servicetoken.New(servicetoken.Config{Secret: secret})
	if err != nil {
		tb.Fatal(err)
	}
	c := &cluster{tb: tb, database: db, redis: redis, auth: newAuth(tb), services: services}
	tb.Cleanup(c.loseRedis)
	return c
}

// loseRedis kills Redis for good.
func (c *cluster) loseRedis() {
	ctx, cancel := context.WithTimeout(context.Background(), 40*time.Second)
	defer cancel()
	_ = c.redis.Stop(ctx) // the second time it has stopped already
}

// pool is a way into Redis beside the service.
func (c *cluster) pool() *redispool.Pool {
	c.tb.Helper()
	pool, err := redispool.Open(redispool.Config{Addrs: []config.HostPort{c.redis.Addr()}, Password: c.redis.Password()})
	if err != nil {
		c.tb.Fatal(err)
	}
	c.tb.Cleanup(func() { _ = pool.Close() })
	return pool
}

func (c *cluster) config() notification.Config {
	var cfg notification.Config
	cfg.DatabaseHost, cfg.DatabasePort = addresses(c.database.Hosts), c.database.Hosts[0].Port
	cfg.DatabaseUsername, cfg.DatabasePassword, cfg.DatabaseName = c.database.Username, c.database.Password, c.database.Name
	cfg.DatabaseSSLMode, cfg.DatabasePoolMax, cfg.MigrateOnStart = "disable", 10, true
	cfg.RedisHost, cfg.RedisPort, cfg.RedisPassword = c.redis.Addr().Host, c.redis.Addr().Port, c.redis.Password()
	cfg.AuthServiceHost, cfg.AuthServicePort = c.auth.addr.Host, c.auth.addr.Port
	cfg.SOSServiceHost, cfg.SOSServicePort = c.auth.addr.Host, c.auth.addr.Port // it stands in for both
	cfg.NotificationServiceHost, cfg.NotificationServicePort = "localhost", 3002
	cfg.InternalSecret, cfg.PublicURL, cfg.ListenHost = secret, "http://localhost:3000", "127.0.0.1"
	cfg.TrustedProxies, cfg.JWTExpiresIn = "127.0.0.0/8", config.Duration(15*time.Minute)
	cfg.DrainTimeout, cfg.SocketDrain = config.Duration(5*time.Second), config.Duration(100*time.Millisecond)
	cfg.MaxSockets = 10_000
	cfg.Logger, cfg.Metrics, cfg.Version = slog.New(slog.DiscardHandler), metrics.New("notification"), "test"
	return cfg
}

// addresses names the hosts; one alone is listened to at the config's port.
func addresses(hosts []config.HostPort) string {
	if len(hosts) == 1 {
		return hosts[0].Host
	}
	var list []string
	for _, host := range hosts {
		list = append(list, host.Addr())
	}
	return strings.Join(list, ",")
}

// instance is a service that runs.
type instance struct {
	*cluster
	URL  string
	stop func()
}

func (c *cluster) start() *instance {
	c.tb.Helper()
	cfg := c.config()
	listener, err := httpserver.Listen(c.tb.Context(), "127.0.0.1", 0)
	if err != nil {
		c.tb.Fatal(err)
	}
	cfg.Listener = listener
	return c.run(cfg)
}

func (c *cluster) run(cfg notification.Config) *instance {
	c.tb.Helper()
	service, err := notification.New(c.tb.Context(), cfg)
	if err != nil {
		c.tb.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- service.Run(ctx) }()
	i := &instance{cluster: c, URL: service.URL()}
	i.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			c.tb.Errorf("the service ended with: %v", err)
		}
	})
	c.tb.Cleanup(i.stop)
	eventually.True(c.tb, "the instance is ready", func() bool {
		status, _ := i.do(http.MethodGet, "/health/ready", "", nil)
		return status == http.StatusOK
	})
	return i
}

// two are two instances of one cluster.
func two(tb testing.TB) (c *cluster, one, other *instance) {
	tb.Helper()
	c = newCluster(tb)
	return c, c.start(), c.start()
}

func (i *instance) do(method, path, bearer string, body any) (int, []byte) {
	i.tb.Helper()
	var reader io.Reader = http.NoBody
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			i.tb.Fatal(err)
		}
		reader = bytes.NewReader(text)
	}
	r, err := http.NewRequestWithContext(context.Background(), method, i.URL+path, reader)
	if err != nil {
		i.tb.Fatal(err)
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if bearer != "" {
		r.Header.Set("Authorization", "Bearer "+bearer)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(r)
	if err != nil {
		return 0, nil
	}
	defer func() { _ = res.Body.Close() }()
	answer, _ := io.ReadAll(res.Body)
	return res.StatusCode, answer
}

// item is a notification to put into inboxes.
func item(event, priority string, users ...string) map[string]any {
	return map[string]any{"eventId": event, "userIds": users, "priority": priority, "title": "title of " + event}
}

func (i *instance) accept(items ...map[string]any) error {
	bearer, err := i.services.Sign(servicetoken.SOS, servicetoken.Notification)
	if err != nil {
		return err
	}
	if status, answer := i.do(http.MethodPost, "/internal/notifications", bearer, map[string]any{"items": items}); status != http.StatusAccepted {
		return fmt.Errorf("intake: %d %s", status, answer)
	}
	return nil
}

func (i *instance) notify(user, priority string) {
	i.tb.Helper()
	if err := i.accept(item(newID(), priority, user)); err != nil {
		i.tb.Fatal(err)
	}
}

func (i *instance) connect(user string) (*wstest.Client, wstest.Message) {
	i.tb.Helper()
	return wstest.Connect(i.tb, i.URL, i.auth.token(user, newID()))
}

func newID() string { return idgen.NewV7() }

// auth signs tokens and publishes keys and revocations, as the real one does.
type auth struct {
	tb     testing.TB
	addr   config.HostPort
	signer *token.Signer

	mu      sync.Mutex
	revoked []map[string]any
	rooms   map[event.RoomMember]bool // who may listen
	people  http.HandlerFunc          // answers look-ups; nil: there is nobody
}

func newAuth(tb testing.TB) *auth {
	tb.Helper()
	signer, err := token.NewSigner(token.SignerConfig{Secret: secret})
	if err != nil {
		tb.Fatal(err)
	}
	a := &auth{tb: tb, signer: signer, rooms: map[event.RoomMember]bool{}}
	listener, err := httpserver.Listen(tb.Context(), "127.0.0.1", 0)
	if err != nil {
		tb.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(a.serve))
	_ = server.Listener.Close()
	server.Listener = listener
	server.Start()
	tb.Cleanup(server.Close)
	addr, err := config.ParseHosts(listener.Addr().String(), 0)
	if err != nil {
		tb.Fatal(err)
	}
	a.addr = addr[0]
	return a
}

func (a *auth) serve(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/.well-known/jwks.json":
		_, _ = w.Write(a.signer.JWKS())
	case "/internal/revocations":
		a.mu.Lock()
		defer a.mu.Unlock()
		items := a.revoked
		if items == nil {
			items = []map[string]any{}
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"revision": len(a.revoked), "items": items, "complete": true})
	case "/internal/rooms/authorize":
		a.authorize(w, r)
	case "/internal/users/lookup":
		a.lookup(w, r)
	default:
		http.NotFound(w, r)
	}
}

var errNoRoom = fault.New(fault.NotFound, event.RoomNotFound, "No.")

func (a *auth) authorize(w http.ResponseWriter, r *http.Request) {
	var m event.RoomMember
	_ = json.NewDecoder(r.Body).Decode(&m)
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.rooms[event.RoomMember{Room: m.Room, UserID: m.UserID}] {
		problem.Write(w, r, errNoRoom)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (a *auth) lookup(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	people := a.people
	a.mu.Unlock()
	if people == nil {
		http.NotFound(w, r)
		return
	}
	people(w, r)
}

// let has the user listen to the room.
func (a *auth) let(room, user string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.rooms[event.RoomMember{Room: room, UserID: user}] = true
}

// revoke ends a session.
func (a *auth) revoke(session string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.revoked = append(a.revoked, map[string]any{
		"revision": len(a.revoked) + 1, "sessionId": session, "userId": "", "before": nil, "at": time.Now().UTC().Format(time.RFC3339Nano),
	})
}

func (a *auth) token(user, session string) string {
	a.tb.Helper()
	now := time.Now()
	raw, err := a.signer.Sign(token.Claims{
		Subject: user, SessionID: session, ID: newID(), Role: token.RoleUser, IssuedAt: now.Add(-time.Second), ExpiresAt: now.Add(15 * time.Minute),
	})
	if err != nil {
		a.tb.Fatal(err)
	}
	return raw
}
