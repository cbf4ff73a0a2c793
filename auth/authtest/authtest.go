// Package authtest runs the auth service in process on adapters in memory, for
// tests of whatever talks to it.
package authtest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/loveapp/backend/auth"
	"github.com/loveapp/backend/auth/internal/adapters/memory"
	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/metrics"
)

// Options change what Start starts; the zero value is fine.
type Options struct {
	JWTSecret      config.Secret // "" = one of the tests
	InternalSecret config.Secret // "" = one of the tests
	TokenLife      time.Duration // 0 = 15 min
	// AdminEmail and AdminPassword make the first SUPER_ADMIN.
	AdminEmail    string
	AdminPassword config.Secret
	Logger        *slog.Logger // nil discards
}

const (
	defaultJWTSecret      config.Secret = "authtest: JWT_SECRET of at least 32 bytes"
	defaultInternalSecret config.Secret = "authtest: INTERNAL_SECRET of at least 32 bytes"
)

// Auth is a running service.
type Auth struct {
	URL            string
	JWTSecret      config.Secret
	InternalSecret config.Secret

	tb      testing.TB
	clock   *clock
	store   *memory.Store
	service *auth.Service
}

// Start runs the service until the test ends.
func Start(tb testing.TB, o Options) *Auth {
	tb.Helper()
	c := &clock{start: time.Now()}
	a := &Auth{tb: tb, clock: c, store: memory.NewStore(c.now)}
	cfg := o.config(tb)
	a.JWTSecret, a.InternalSecret = cfg.JWTSecret, cfg.InternalSecret
	service, err := auth.Assemble(cfg, auth.Adapters{
		Store: a.store, Accounts: a.store, Directory: a.store, Sessions: a.store, Revocations: a.store,
		Bulletin: memory.NewBulletin(), Passwords: memory.Passwords{},
		Prepare: func(context.Context) error { return nil },
		Close:   func() error { return nil },
		Now:     c.now,
	})
	if err != nil {
		tb.Fatalf("start auth: %v", err)
	}
	a.service, a.URL = service, service.URL()
	a.run()
	return a
}

func (o Options) config(tb testing.TB) auth.Config {
	tb.Helper()
	c := auth.Config{
		JWTSecret: o.JWTSecret, AdminEmail: o.AdminEmail, AdminPassword: o.AdminPassword,
		Logger: o.Logger, Metrics: metrics.New("auth"), Version: "test",
	}
	c.InternalSecret, c.JWTExpiresIn = o.InternalSecret, config.Duration(o.TokenLife)
	c.TrustedProxies = "127.0.0.0/8"
	if c.JWTSecret == "" {
		c.JWTSecret = defaultJWTSecret
	}
	if c.InternalSecret == "" {
		c.InternalSecret = defaultInternalSecret
	}
	if o.TokenLife == 0 {
		c.JWTExpiresIn = config.Duration(15 * time.Minute)
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	listener, err := httpserver.Listen(tb.Context(), "127.0.0.1", 0)
	if err != nil {
		tb.Fatalf("listen: %v", err)
	}
	c.Listener = listener
	return c
}

// run serves until the test ends, and returns once the service is ready.
func (a *Auth) run() {
	a.tb.Helper()
	ctx, stop := context.WithCancel(context.Background()) // the test's own ends before its cleanups
	ended := make(chan error, 1)
	go func() { ended <- a.service.Run(ctx) }()
	a.tb.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			a.tb.Errorf("auth ended with: %v", err)
		}
	})
	for deadline := time.Now().Add(10 * time.Second); !a.ready(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			a.tb.Fatal("auth did not get ready")
		}
	}
}

func (a *Auth) ready() bool {
	req, err := http.NewRequestWithContext(a.tb.Context(), http.MethodGet, a.URL+"/health/ready", http.NoBody)
	if err != nil {
		return false
	}
	res, err := newClient().Do(req)
	if err != nil {
		return false
	}
	_ = res.Body.Close()
	return res.StatusCode == http.StatusOK
}

// newClient leaves no connection behind for goroutine checks to find.
func newClient() *http.Client {
	return &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
}

// Advance moves the service's clock, and with it every promise about time.
func (a *Auth) Advance(d time.Duration) { a.clock.advance(d) }

// Now is the service's time.
func (a *Auth) Now() time.Time { return a.clock.now() }

// clock runs with the machine's, ahead of it by what tests have advanced.
type clock struct {
	start time.Time
	mu    sync.Mutex
	ahead time.Duration
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.start.Add(time.Since(c.start)).Add(c.ahead)
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += d
}

// Session is a person who is signed in.
type Session struct {
	UserID        string
	Email         string
	SessionID     string
	AccessToken   string
	RefreshToken  string
	DeviceToken   string
	SOSCredential string
}

// Password is that of everybody whom Register registers.
const Password = "correct horse battery staple"

// Register opens an account with Password over HTTP, and signs it in.
func (a *Auth) Register(email, firstName string) Session {
	a.tb.Helper()
	body, err := json.Marshal(map[string]string{"email": email, "password": Password, "firstName": firstName})
	if err != nil {
		a.tb.Fatal(err)
	}
	req, err := http.NewRequestWithContext(a.tb.Context(), http.MethodPost, a.URL+"/v1/auth/register", bytes.NewReader(body))
	if err != nil {
		a.tb.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := newClient().Do(req)
	if err != nil {
		a.tb.Fatalf("register %s: %v", email, err)
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusCreated {
		a.tb.Fatalf("register %s: %s %s %v", email, res.Status, answer, err)
	}
	return readSession(a.tb, answer)
}

func readSession(tb testing.TB, answer []byte) Session {
	tb.Helper()
	var result struct {
		User struct {
			ID    string `json:"id"`
			Email string `json:"email"`
		} `json:"user"`
		AccessToken   string `json:"accessToken"`
		RefreshToken  string `json:"refreshToken"`
		SessionID     string `json:"sessionId"`
		DeviceToken   string `json:"deviceToken"`
		SOSCredential string `json:"sosCredential"`
	}
	if err := json.Unmarshal(answer, &result); err != nil {
		tb.Fatalf("read the answer of register: %v", err)
	}
	return Session{
		UserID: result.User.ID, Email: result.User.Email, SessionID: result.SessionID, AccessToken: result.AccessToken,
		RefreshToken: result.RefreshToken, DeviceToken: result.DeviceToken, SOSCredential: result.SOSCredential,
	}
}
