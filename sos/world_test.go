package sos_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/event"
	"github.com/loveapp/backend/shared/eventually"
	"github.com/loveapp/backend/shared/freeport"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/idgen"
	"github.com/loveapp/backend/shared/metrics"
	database "github.com/loveapp/backend/shared/postgres"
	"github.com/loveapp/backend/shared/postgres/pgtest"
	"github.com/loveapp/backend/shared/servicetoken"
	"github.com/loveapp/backend/shared/token"
	"github.com/loveapp/backend/sos"
)

const internalSecret config.Secret = "INTERNAL_SECRET of the tests, 32 bytes"

// world is a database of its own and the two services that sos talks to.
type world struct {
	tb     testing.TB
	config sos.Config
	admin  *pgtest.AdminConn
	signer *token.Signer
	auth   *peer
	inbox  *inbox
}

func newWorld(tb testing.TB) *world {
	tb.Helper()
	return newWorldOn(tb, pgtest.Config(tb, "sos", nil))
}

// newWorldOn is a world on the database of c, which may be several servers.
func newWorldOn(tb testing.TB, db database.Config) *world {
	tb.Helper()
	signer, err := token.NewSigner(token.SignerConfig{Secret: "JWT_SECRET of the tests that has 32 bytes"})
	if err != nil {
		tb.Fatal(err)
	}
	w := &world{tb: tb, signer: signer, inbox: &inbox{tb: tb, copies: map[string]int{}}}
	w.auth = newPeer(tb, &auth{signer: signer})
	w.inbox.peer = newPeer(tb, w.inbox)
	w.admin = pgtest.Admin(tb, db)
	var hosts []string
	for _, host := range db.Hosts {
		hosts = append(hosts, host.Addr())
	}
	w.config = sos.Config{Logger: slog.New(slog.DiscardHandler), Version: "test", Infra: config.Infra{
		DatabaseHost: strings.Join(hosts, ","), DatabasePort: db.Hosts[0].Port, DatabaseUsername: db.Username, DatabasePassword: db.Password, DatabaseName: db.Name,
		DatabaseSSLMode: "disable", DatabasePoolMax: 20, DatabasePoolWarm: 2, RedisHost: "127.0.0.1", RedisPort: 1,
		InternalSecret: internalSecret, AuthServiceHost: w.auth.addr, AuthServicePort: 1, NotificationServiceHost: w.inbox.peer.addr, NotificationServicePort: 1,
		SOSServicePort: 1, ListenHost: "127.0.0.1", PublicURL: "https://love.example", DataDir: tb.TempDir(), DrainTimeout: config.Duration(5 * time.Second), MigrateOnStart: true,
	}}
	return w
}

// instance is one running copy of the service.
type instance struct {
	url     string
	stop    func()
	metrics http.Handler
}

// start runs a copy until the test ends or stop is called.
func (w *world) start() *instance {
	w.tb.Helper()
	c := w.config
	var err error
	if c.Listener, err = httpserver.Listen(context.Background(), "127.0.0.1", 0); err != nil {
		w.tb.Fatal(err)
	}
	c.Metrics = metrics.New("sos")
	service, err := sos.New(context.Background(), c)
	if err != nil {
		w.tb.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- service.Run(ctx) }()
	i := &instance{url: service.URL(), metrics: c.Metrics.Handler(), stop: sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			w.tb.Errorf("sos ended with: %v", err)
		}
	})}
	w.tb.Cleanup(i.stop)
	return i
}

// ready is start, and the wait until the copy serves.
func (w *world) ready() *instance {
	w.tb.Helper()
	i := w.start()
	w.eventually("the service is ready", func() bool { return person{tb: w.tb, url: i.url}.get("/health/ready").status == http.StatusOK })
	return i
}

func (w *world) eventually(what string, ready func() bool) {
	w.tb.Helper()
	eventually.True(w.tb, what, ready)
}

// person is somebody who talks to the instance; their id is also their first name.
func (w *world) person(at *instance, id string) person {
	w.tb.Helper()
	now := time.Now()
	raw, err := w.signer.Sign(token.Claims{Subject: id, SessionID: "session of " + id, ID: idgen.NewV7(), Role: token.RoleUser, IssuedAt: now, ExpiresAt: now.Add(15 * time.Minute)})
	if err != nil {
		w.tb.Fatal(err)
	}
	return person{tb: w.tb, url: at.url, id: id, proof: "Bearer " + raw, patient: true}
}

func (w *world) credential(id string) string {
	w.tb.Helper()
	now := time.Now()
	raw, err := w.signer.SignSOS(token.SOSClaims{Subject: id, SessionID: "session of " + id, IssuedAt: now, ExpiresAt: now.Add(token.SOSLifetime)})
	if err != nil {
		w.tb.Fatal(err)
	}
	return "SOS " + raw
}

// peer is another service, which can go away and come back at the same address.
type peer struct {
	tb      testing.TB
	addr    string
	handler http.Handler
	mu      sync.Mutex
	server  *httptest.Server
}

func newPeer(tb testing.TB, handler http.Handler) *peer {
	tb.Helper()
	p := &peer{tb: tb, handler: handler}
	listener := freeport.Listen(tb) // its place is kept while it is away
	p.addr = listener.Addr().String()
	p.serve(listener)
	tb.Cleanup(p.goAway)
	return p
}

func (p *peer) serve(listener net.Listener) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.server = &httptest.Server{Listener: listener, Config: &http.Server{Handler: p.handler, ReadHeaderTimeout: time.Minute}}
	p.server.Start()
}

func (p *peer) goAway() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.server != nil {
		p.server.CloseClientConnections()
		p.server.Close()
		p.server = nil
	}
}

func (p *peer) comeBack() {
	p.tb.Helper()
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", p.addr)
	if err != nil {
		p.tb.Fatal(err)
	}
	p.serve(listener)
}

// auth answers what sos asks of auth.
type auth struct {
	signer  *token.Signer
	mu      sync.Mutex
	revoked []token.Revocation
	staff   event.Users
}

func (a *auth) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case r.URL.Path == "/.well-known/jwks.json":
		_, _ = w.Write(a.signer.JWKS())
	case r.URL.Path == "/internal/revocations":
		_ = json.NewEncoder(w).Encode(map[string]any{"revision": len(a.revoked), "items": a.revoked, "complete": true})
	case r.URL.Path == "/internal/staff":
		_ = json.NewEncoder(w).Encode(a.staff)
	case strings.HasPrefix(r.URL.Path, "/internal/users/"):
		_ = json.NewEncoder(w).Encode(event.User{FirstName: strings.TrimPrefix(r.URL.Path, "/internal/users/")})
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

// employ makes somebody an administrator.
func (a *auth) employ(id string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.staff.Items = append(a.staff.Items, event.User{ID: id, Role: token.RoleAdmin, Active: true})
}

func (w *world) signOut(id string) {
	a := w.auth.handler.(*auth)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.revoked = append(a.revoked, token.Revocation{Revision: int64(len(a.revoked) + 1), SessionID: "session of " + id, UserID: id, At: time.Now()})
}

// inbox is a notification service that counts what it is handed.
type inbox struct {
	tb     testing.TB
	peer   *peer
	mu     sync.Mutex
	copies map[string]int // by event and user
	items  []event.Notification
}

func (i *inbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	keys, err := servicetoken.New(servicetoken.Config{Secret: internalSecret})
	if err != nil {
		i.tb.Error(err)
		return
	}
	keys.Require(servicetoken.Notification, []string{servicetoken.SOS}, i.take).ServeHTTP(w, r)
}

func (i *inbox) take(w http.ResponseWriter, r *http.Request) error {
	var batch event.Notifications
	if err := json.NewDecoder(r.Body).Decode(&batch); err != nil {
		return err
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, n := range batch.Items {
		key := n.EventID + " " + n.UserIDs[0]
		if i.copies[key]++; i.copies[key] == 1 {
			i.items = append(i.items, n)
		}
	}
	w.WriteHeader(http.StatusAccepted)
	return nil
}

func (i *inbox) taken() []event.Notification {
	i.mu.Lock()
	defer i.mu.Unlock()
	return append([]event.Notification(nil), i.items...)
}

// await waits until there are n different notifications.
func (i *inbox) await(n int) (items []event.Notification) {
	i.tb.Helper()
	eventually.True(i.tb, fmt.Sprintf("there are %d notifications", n), func() bool {
		items = i.taken()
		return len(items) >= n
	}, func() string { return fmt.Sprintf("there are %d", len(items)) })
	return items
}
