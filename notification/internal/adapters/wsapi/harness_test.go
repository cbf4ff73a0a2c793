package wsapi_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/loveapp/backend/notification"
	"github.com/loveapp/backend/notification/internal/adapters/memory"
	"github.com/loveapp/backend/notification/internal/adapters/wsapi"
	"github.com/loveapp/backend/notification/internal/app"
	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
	"github.com/loveapp/backend/notification/internal/wstest"
	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/eventually"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/idgen"
	"github.com/loveapp/backend/shared/metrics"
	"github.com/loveapp/backend/shared/servicetoken"
	"github.com/loveapp/backend/shared/token"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const secret config.Secret = "a secret of the tests with 32 bytes or more"

// server is an instance on memory, with limits of the test's choice.
type server struct {
	URL     string
	store   *memory.Store
	tickets *memory.Tickets
	owner   *memory.Owner
	metrics *metrics.Registry

	tb       testing.TB
	signer   *token.Signer
	services *servicetoken.Keys
	mu       sync.Mutex
	revoked  map[string]bool
	stop     func()
}

// settings change what start starts.
type settings struct {
	limits wsapi.Limits
	pace   app.Pace
	// perAddress is how many sockets one may hold; 0 is as many as the test wants.
	perAddress int
	// around puts something between the service and its store.
	around func(ports.Store) ports.Store
}

func start(tb testing.TB, s settings) *server {
	tb.Helper()
	signer, err := token.NewSigner(token.SignerConfig{Secret: secret})
	if err != nil {
		tb.Fatal(err)
	}
	services, err := servicetoken.New(servicetoken.Config{Secret: secret})
	if err != nil {
		tb.Fatal(err)
	}
	srv := &server{
		store: memory.NewStore(time.Now), tickets: memory.NewTickets(time.Now), owner: memory.NewOwner(), metrics: metrics.New("notification"),
		tb: tb, signer: signer, services: services, revoked: map[string]bool{},
	}
	srv.run(s)
	return srv
}

func (s *server) run(set settings) {
	s.tb.Helper()
	listener, err := httpserver.Listen(s.tb.Context(), "127.0.0.1", 0)
	if err != nil {
		s.tb.Fatal(err)
	}
	c := notification.Config{Listener: listener, Logger: slog.New(slog.DiscardHandler), Metrics: s.metrics, MaxSockets: 15_000, SocketDrain: config.Duration(time.Second)}
	c.InternalSecret, c.TrustedProxies = secret, "127.0.0.0/8"
	c.MaxPerAddress = cmp.Or(set.perAddress, 15_000)
	var store ports.Store = s.store
	if set.around != nil {
		store = set.around(store)
	}
	service, err := notification.Assemble(c, notification.Adapters{
		Store: store, Registry: memory.NewRegistry(time.Now), Bus: memory.NewBus(), Alerts: memory.NewAlerts(), Tickets: s.tickets, Owner: s.owner, Preferences: memory.NewPreferences(), Templates: memory.NewTemplates(time.Now), Devices: memory.NewDevices(time.Now),
		Keys: s.signer, Revocations: s,
		Prepare: func(context.Context) error { return nil }, Close: func() error { return nil },
		Limits: set.limits, Pace: set.pace,
	})
	if err != nil {
		s.tb.Fatal(err)
	}
	s.URL = service.URL()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- service.Run(ctx) }()
	s.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			s.tb.Errorf("the service ended with: %v", err)
		}
	})
	s.tb.Cleanup(s.stop)
	eventually.True(s.tb, "the service is ready", func() bool { return s.status(http.MethodGet, "/health/ready", "") == http.StatusOK })
}

// Revoked is the token.Revocations side.
func (s *server) Revoked(c token.Claims) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.revoked[c.SessionID]
}

func (s *server) revoke(session string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.revoked[session] = true
}

func newID() string { return idgen.NewV7() }

// token is one of a session of its own.
func (s *server) token(user string) string { return s.tokenOf(user, newID(), 15*time.Minute) }

func (s *server) tokenOf(user, session string, life time.Duration) string {
	s.tb.Helper()
	now := time.Now()
	raw, err := s.signer.Sign(token.Claims{
		Subject: user, SessionID: session, ID: newID(), Role: token.RoleUser, IssuedAt: now.Add(-time.Minute), ExpiresAt: now.Add(life),
	})
	if err != nil {
		s.tb.Fatal(err)
	}
	return raw
}

// connect opens a socket of the user, up to connected.
func (s *server) connect(user string) *wstest.Client {
	s.tb.Helper()
	client, _ := wstest.Connect(s.tb, s.URL, s.token(user))
	return client
}

// narrow is connect for a client of whose data the kernel holds little.
func (s *server) narrow(user string) *wstest.Client {
	s.tb.Helper()
	h := wstest.Bearer(s.token(user))
	h.Narrow = true
	client := wstest.Open(s.tb, s.URL, h)
	client.Expect("connected")
	return client
}

// client leaves no connection behind for goroutine checks to find.
func client() *http.Client {
	return &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
}

func (s *server) request(method, path, bearer string, body any) (int, []byte) {
	s.tb.Helper()
	var reader io.Reader = http.NoBody
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			s.tb.Fatal(err)
		}
		reader = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(s.tb.Context(), method, s.URL+path, reader)
	if err != nil {
		s.tb.Fatal(err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if bearer != "" {
		req.Header.Set("Authorization", "Bearer "+bearer)
	}
	res, err := client().Do(req)
	if err != nil {
		return 0, nil
	}
	defer func() { _ = res.Body.Close() }()
	answer, _ := io.ReadAll(res.Body)
	return res.StatusCode, answer
}

func (s *server) status(method, path, bearer string) int {
	status, _ := s.request(method, path, bearer, nil)
	return status
}

// notify puts a notification into the user's inbox, over HTTP as other services do.
func (s *server) notify(user, priority, title string) {
	s.tb.Helper()
	bearer, err := s.services.Sign(servicetoken.SOS, servicetoken.Notification)
	if err != nil {
		s.tb.Fatal(err)
	}
	item := map[string]any{"eventId": newID(), "userIds": []string{user}, "priority": priority, "title": title}
	if status, answer := s.request(http.MethodPost, "/internal/notifications", bearer, map[string]any{"items": []any{item}}); status != http.StatusAccepted {
		s.tb.Fatalf("notify: %d %s", status, answer)
	}
}

// backlog puts n notifications into the user's inbox without telling anybody.
func (s *server) backlog(user string, n int, body string) {
	s.tb.Helper()
	var entries []domain.Entry
	for i := range n {
		d := &domain.Draft{
			EventID: newID(), Category: domain.General, Priority: domain.Medium, Title: fmt.Sprint(i + 1), Body: body,
			Data: json.RawMessage(`{"kind":"test"}`), CreatedAt: time.Now(),
		}
		entries = append(entries, domain.Entry{ID: domain.NotificationID(newID()), User: domain.UserID(user), Draft: d})
	}
	if _, err := s.store.Insert(s.tb.Context(), entries); err != nil {
		s.tb.Fatal(err)
	}
}

// scrape gives the service's metrics as operators see them.
func (s *server) scrape() string {
	answer := httptest.NewRecorder()
	s.metrics.Handler().ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/metrics", http.NoBody))
	return answer.Body.String()
}

// open is how many sockets the service says there are.
func (s *server) open() int { return s.gauge("ws_connections") }

// waiting is how many bytes it says wait for slow clients.
func (s *server) waiting() int { return s.gauge("ws_waiting_bytes") }

func (s *server) gauge(name string) int {
	s.tb.Helper()
	_, rest, _ := strings.Cut(s.scrape(), name+`{service="notification"} `)
	value, _, _ := strings.Cut(rest, "\n")
	n, err := strconv.ParseFloat(value, 64)
	if err != nil {
		s.tb.Fatalf("%s: %q", name, value)
	}
	return int(n)
}
