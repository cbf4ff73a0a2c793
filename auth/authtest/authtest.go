// Package authtest runs the auth service in process on adapters in memory, for
// tests of whatever talks to it.
package authtest

import (
	"context"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/loveapp/backend/auth"
	"github.com/loveapp/backend/auth/internal/adapters/memory"
	"github.com/loveapp/backend/auth/internal/adapters/oidc"
	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/auth/internal/ports"
	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/eventually"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/metrics"
)

// Options change what Start starts; the zero value is fine.
type Options struct {
	// Store is shared by copies of one service; nil = a new one.
	Store          *Store
	JWTSecret      config.Secret // "" = one of the tests
	InternalSecret config.Secret // "" = one of the tests
	// JWTSecretPrevious and JWTSecretNext are the others of a rotation.
	JWTSecretPrevious, JWTSecretNext config.Secret
	TokenLife                        time.Duration // 0 = 15 min
	// AdminEmail and AdminPassword make the first SUPER_ADMIN.
	AdminEmail    string
	AdminPassword config.Secret
	Logger        *slog.Logger // nil discards
	// MFARequiredForAdmin is AUTH_MFA_REQUIRED_FOR_ADMIN.
	MFARequiredForAdmin bool
	// Issuers are the identity providers by name; each is to issue for ClientID.
	Issuers map[string]string
}

// ClientID is that of our app at every provider.
const ClientID = "loveapp-test"

func (o Options) providers() *oidc.Providers {
	var trusted []oidc.Provider
	for name, issuer := range o.Issuers {
		trusted = append(trusted, oidc.Provider{Name: name, Issuer: issuer, Audiences: []string{ClientID}})
	}
	return oidc.New(trusted, o.Store.clock.now)
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
	store   *Store
	service *auth.Service
}

// Start runs the service until the test ends.
func Start(tb testing.TB, o Options) *Auth {
	tb.Helper()
	if o.Store == nil {
		o.Store = NewStore()
	}
	cfg, data := o.config(tb), o.Store.memory
	a := &Auth{tb: tb, store: o.Store, JWTSecret: cfg.JWTSecret, InternalSecret: cfg.InternalSecret}
	providers := o.providers()
	service, err := auth.Assemble(cfg, auth.Adapters{
		Store: data, Accounts: data, Directory: data, Sessions: data, Revocations: data, Records: data, SecondFactors: data,
		Identities: data, Seals: data, Providers: providers, Guesses: o.Store.guesses,
		Bulletin: o.Store.bulletin, Profiles: data, Briefs: o.Store.remembered, Issues: o.Store.remembered, Passwords: memory.Passwords{},
		Post: data, Erasures: data, Holdings: data, Eraser: o.Store.eraser,
		Carriers: map[domain.Channel]ports.Carrier{domain.ByMail: o.Store.carrier, domain.BySMS: o.Store.carrier},
		Prepare:  func(context.Context) error { return nil },
		Close: func() error {
			providers.Close()
			return nil
		},
		Now: o.Store.clock.now,
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
		JWTSecret: o.JWTSecret, JWTSecretPrevious: o.JWTSecretPrevious, JWTSecretNext: o.JWTSecretNext, AdminEmail: o.AdminEmail, AdminPassword: o.AdminPassword,
		MFARequiredForAdmin: o.MFARequiredForAdmin, Logger: o.Logger, Metrics: metrics.New("auth"), Version: "test",
	}
	c.InternalSecret, c.JWTExpiresIn = o.InternalSecret, config.Duration(o.TokenLife)
	c.TrustedProxies, c.PublicURL = "127.0.0.0/8", "http://localhost:3000"
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
	eventually.True(a.tb, "auth is ready", a.ready)
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
