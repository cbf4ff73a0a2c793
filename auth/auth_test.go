package auth_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/argon2"

	"github.com/loveapp/backend/auth"
	"github.com/loveapp/backend/auth/internal/adapters/memory"
	"github.com/loveapp/backend/auth/internal/adapters/oidc"
	"github.com/loveapp/backend/auth/internal/adapters/postgres"
	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/eventually"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/metrics"
	database "github.com/loveapp/backend/shared/postgres"
	"github.com/loveapp/backend/shared/postgres/pgtest"
	"github.com/loveapp/backend/shared/redispool"
	"github.com/loveapp/backend/shared/redispool/redistest"
)

func TestMain(m *testing.M) { pgtest.Main(m, redistest.Start) }

const (
	jwtSecret      config.Secret = "a JWT_SECRET of the tests with 32 bytes"
	internalSecret config.Secret = "an INTERNAL_SECRET of the tests with 32 bytes"
	password                     = "correct horse battery staple"
)

// world is the servers that copies of auth share.
type world struct {
	database database.Config
	redis    redispool.Config
}

func newWorld(tb testing.TB) world {
	tb.Helper()
	w := world{pgtest.Config(tb, "auth", nil), redistest.Config(tb)} // without a schema: the service migrates
	w.database.BinaryParameters = true
	return w
}

// config is that of one copy, on a port of its own.
func (w world) config(tb testing.TB) auth.Config {
	tb.Helper()
	listener, err := httpserver.Listen(tb.Context(), "127.0.0.1", 0)
	if err != nil {
		tb.Fatal(err)
	}
	c := auth.Config{
		JWTSecret: jwtSecret, Listener: listener, Logger: slog.New(slog.DiscardHandler), Metrics: metrics.New("auth"), Version: "test",
	}
	c.DatabaseHost, c.DatabasePort, c.DatabaseSSLMode = w.database.Hosts[0].Host, w.database.Hosts[0].Port, "disable"
	c.DatabaseUsername, c.DatabasePassword, c.DatabaseName = w.database.Username, w.database.Password, w.database.Name
	c.DatabasePoolMax, c.MigrateOnStart = 20, true
	c.RedisHost, c.RedisPort, c.RedisPassword = w.redis.Addrs[0].Host, w.redis.Addrs[0].Port, w.redis.Password
	c.InternalSecret, c.JWTExpiresIn, c.DrainTimeout = internalSecret, config.Duration(15*time.Minute), config.Duration(5*time.Second)
	c.PublicURL = "http://localhost:3000"
	return c
}

// copyOf is one running copy.
type copyOf struct {
	tb     testing.TB
	url    string
	client *http.Client
	stop   func() error
}

func (w world) start(tb testing.TB) copyOf { tb.Helper(); return start(tb, w.config(tb)) }

func start(tb testing.TB, c auth.Config) copyOf {
	tb.Helper()
	service, err := auth.New(tb.Context(), c)
	if err != nil {
		tb.Fatal(err)
	}
	return run(tb, service)
}

// startQuick is a copy on the real database whose passwords cost nothing: where
// a test needs sign-ins by the thousand.
func (w world) startQuick(tb testing.TB) copyOf {
	tb.Helper()
	if err := database.Migrate(tb.Context(), w.database, postgres.Migrations()); err != nil {
		tb.Fatal(err)
	}
	db, err := database.Open(tb.Context(), w.database)
	if err != nil {
		tb.Fatal(err)
	}
	store, remembered := postgres.NewStore(db), memory.NewRemembered(time.Now)
	service, err := auth.Assemble(w.config(tb), auth.Adapters{
		Store: store, Accounts: store, Directory: store, Sessions: store, Revocations: store, Records: store, SecondFactors: store,
		Identities: store, Seals: store, Providers: oidc.New(nil, time.Now), Guesses: memory.NewGuesses(time.Now),
		Bulletin: memory.NewBulletin(), Passwords: memory.Passwords{}, Profiles: store, Briefs: remembered, Issues: remembered,
		Post: store, Erasures: store, Holdings: store, Eraser: &memory.Eraser{},
		Prepare: db.Ping, Close: db.Close,
	})
	if err != nil {
		tb.Fatal(err)
	}
	return run(tb, service)
}

// run serves until stop, or the end of the test.
func run(tb testing.TB, service *auth.Service) copyOf {
	tb.Helper()
	ctx, cancel := context.WithCancel(context.Background()) // the test's own ends before its cleanups
	ended := make(chan error, 1)
	go func() { ended <- service.Run(ctx) }()
	transport := &http.Transport{MaxIdleConnsPerHost: 64}
	one := copyOf{tb: tb, url: service.URL(), client: &http.Client{Transport: transport}}
	one.stop = sync.OnceValue(func() error {
		transport.CloseIdleConnections()
		cancel()
		return <-ended
	})
	tb.Cleanup(func() {
		if err := one.stop(); err != nil {
			tb.Error(err)
		}
	})
	return one
}

func (c copyOf) ready() copyOf {
	c.tb.Helper()
	eventually.True(c.tb, "ready", func() bool { return c.call(http.MethodGet, "/health/ready", "", nil).status == http.StatusOK })
	return c
}

// result is an answer; signed in, it holds the session.
type result struct {
	status       int
	retryAfter   string
	Code         string
	SessionID    string
	AccessToken  string
	RefreshToken string
	DeviceToken  string
	User         struct{ ID, Role string }
}

func (c copyOf) call(method, path, token string, body map[string]string, headers ...string) result {
	c.tb.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		c.tb.Fatal(err)
	}
	req, err := http.NewRequestWithContext(context.Background(), method, c.url+path, bytes.NewReader(raw)) // also after the test's has ended
	if err != nil {
		c.tb.Fatal(err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	} else {
		req.Body, req.ContentLength = http.NoBody, 0
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := c.client.Do(req)
	if err != nil {
		c.tb.Errorf("%s %s: %v", method, path, err)
		return result{}
	}
	defer func() { _ = res.Body.Close() }()
	var got result
	if err := json.NewDecoder(res.Body).Decode(&got); err != nil && !errors.Is(err, io.EOF) {
		c.tb.Errorf("%s %s: %v", method, path, err)
	}
	got.status, got.retryAfter = res.StatusCode, res.Header.Get("Retry-After")
	return got
}

func (c copyOf) register(email string) result {
	c.tb.Helper()
	got := c.call(http.MethodPost, "/v1/auth/register", "", map[string]string{"email": email, "password": password})
	if got.status != http.StatusCreated {
		c.tb.Fatalf("register: %+v", got)
	}
	return got
}

func (c copyOf) refresh(s result) result {
	c.tb.Helper()
	return c.call(http.MethodPost, "/v1/auth/refresh", "", map[string]string{"refreshToken": s.RefreshToken}, "X-Device-Token", s.DeviceToken)
}

func (c copyOf) profile(s result) result {
	c.tb.Helper()
	return c.call(http.MethodGet, "/v1/auth/profile", s.AccessToken, nil)
}

func (c copyOf) logout(s result, scope string) result {
	c.tb.Helper()
	return c.call(http.MethodPost, "/v1/auth/logout", s.AccessToken, map[string]string{"scope": scope})
}

func want(tb testing.TB, got result, status int, code string) {
	tb.Helper()
	if got.status != status || got.Code != code {
		tb.Errorf("got %d %s, want %d %s", got.status, got.Code, status, code)
	}
}

func addrPort(tb testing.TB, l net.Listener) int {
	tb.Helper()
	addr, ok := l.Addr().(*net.TCPAddr)
	if !ok {
		tb.Fatalf("%T", l.Addr())
	}
	return addr.Port
}

// cheapKey is the key of the tests' password under m=64, t=1, p=1 and the salt "somesalt123456".
func cheapKey(tb testing.TB) string {
	tb.Helper()
	return base64.RawStdEncoding.EncodeToString(argon2.IDKey([]byte(password), []byte("somesalt123456"), 1, 64, 1, 32))
}
