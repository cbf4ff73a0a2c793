package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/loveapp/backend/auth/internal/adapters/httpapi"
	"github.com/loveapp/backend/auth/internal/app"
	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/auth/internal/ports"
	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/cursor"
	"github.com/loveapp/backend/shared/health"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/idgen"
	"github.com/loveapp/backend/shared/servicetoken"
	"github.com/loveapp/backend/shared/token"
	"github.com/loveapp/backend/shared/tracing"
)

// Adapters is everything outside of the use cases. New brings the real ones,
// authtest those in memory.
type Adapters struct {
	Store         ports.Store
	Accounts      ports.Accounts
	Directory     ports.Directory
	Sessions      ports.Sessions
	Revocations   ports.Revocations
	Records       ports.Records
	SecondFactors ports.SecondFactors
	Identities    ports.Identities
	Providers     ports.Providers
	Guesses       ports.Guesses
	Seals         ports.Seals
	Bulletin      ports.Bulletin
	Profiles      ports.Profiles
	Briefs        ports.Briefs
	Issues        ports.Issues
	Passwords     ports.Passwords
	Post          ports.Post
	Erasures      ports.Erasures
	Eraser        ports.Eraser
	Holdings      ports.Holdings
	// Carriers send letters; those of a channel without one stay queued.
	Carriers map[domain.Channel]ports.Carrier

	// Prepare makes the store ready; it is tried again until it succeeds.
	Prepare func(ctx context.Context) error
	// Checks are what the health pages show.
	Checks []health.Check
	// Surveys show what is only known when asked.
	Surveys []health.Survey
	// Close gives up what the adapters hold.
	Close func() error
	// Now is the clock; nil = time.Now.
	Now func() time.Time
}

// Assemble is the one place where ports meet the use cases. The config's
// Listener, Logger and Metrics must be there.
func Assemble(c Config, a Adapters) (*Service, error) {
	if c.Listener == nil || c.Logger == nil || c.Metrics == nil || a.Prepare == nil || a.Close == nil {
		return nil, errors.New("auth: Listener, Logger, Metrics, Prepare and Close are required")
	}
	if a.Now == nil {
		a.Now = time.Now
	}
	if c.PublicURL == "" {
		c.PublicURL = "http://localhost:3000"
	}
	s := &Service{config: c, prepare: a.Prepare}
	var err error
	if s.tracing, err = tracing.Open(tracing.FromInfra(c.Infra, "auth-service", c.Version, c.Logger, c.Metrics.Registerer())); err != nil {
		return nil, fmt.Errorf("auth: %w", err)
	}
	s.release = func() error { return errors.Join(a.Close(), s.tracing.Close()) }
	for _, step := range []func(Adapters) error{s.makeApp, s.makeHealth, s.makeServer} {
		if err := step(a); err != nil {
			return nil, fmt.Errorf("auth: %w", errors.Join(err, s.tracing.Close()))
		}
	}
	return s, nil
}

func (s *Service) makeApp(a Adapters) error {
	keys, err := domain.NewKeys(s.config.JWTSecret.Value(), s.config.otherSecrets()...)
	if err != nil {
		return err
	}
	events := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "auth_events_total", Help: "What people and thieves did, by event.",
	}, []string{"event"})
	if err := s.config.Metrics.Registerer().Register(events); err != nil {
		return fmt.Errorf("register metrics: %w", err)
	}
	s.app, err = app.New(app.Config{
		Store: legacyAware(s.config, a.Store), Accounts: a.Accounts, Directory: a.Directory, Sessions: a.Sessions, Revocations: a.Revocations, Records: a.Records, SecondFactors: a.SecondFactors,
		Identities: a.Identities, Providers: a.Providers, Guesses: a.Guesses, Seals: a.Seals,
		Bulletin: a.Bulletin, Passwords: a.Passwords, Profiles: a.Profiles, Briefs: a.Briefs, Issues: a.Issues,
		Post: a.Post, Erasures: a.Erasures, Eraser: a.Eraser, Holdings: a.Holdings, Carriers: a.Carriers, PublicURL: s.config.PublicURL, AdminsNeedMFA: s.config.MFARequiredForAdmin,
		Keys: keys, TokenLife: s.config.JWTExpiresIn.Std(), Now: a.Now, NewID: idgen.NewV7, Logger: s.config.Logger,
		Count:  func(what string) { events.WithLabelValues(what).Inc() },
		Follow: following(s.tracing), Begin: beginning(s.tracing),
	})
	return err
}

func (s *Service) makeHealth(a Adapters) (err error) {
	s.health, err = health.New(health.Config{Version: s.config.Version, Checks: a.Checks, Surveys: a.Surveys})
	return err
}

func (s *Service) makeServer(a Adapters) error {
	handler, err := s.handler(a.Now)
	if err != nil {
		return err
	}
	proxies, err := config.ParsePrefixes(s.config.TrustedProxies)
	if err != nil {
		return err
	}
	s.server, err = httpserver.New(httpserver.Config{
		Listener: s.config.Listener, Handler: handler, Logger: s.config.Logger, Metrics: s.config.Metrics, Tracing: s.tracing,
		TrustedProxies: proxies, DrainTimeout: s.config.DrainTimeout.Std(), OnDrain: s.health.Drain,
	})
	return err
}

func (s *Service) handler(now func() time.Time) (http.Handler, error) {
	c := s.config
	signer, err := token.NewSigner(token.SignerConfig{Secret: c.JWTSecret, Previous: c.previous(), Next: c.JWTSecretNext})
	if err != nil {
		return nil, err
	}
	verifier, err := token.NewVerifier(token.VerifierConfig{Keys: signer, Revoked: ownRevocations{s.app.Revoked()}, Now: now, Legacy: c.LegacyJWTSecret})
	if err != nil {
		return nil, err
	}
	services, err := servicetoken.New(servicetoken.Config{Secret: c.InternalSecret, Previous: c.InternalSecretPrevious, Now: now})
	if err != nil {
		return nil, err
	}
	return httpapi.New(httpapi.Config{
		App: s.app, Signer: signer, Verifier: verifier, Services: services, Health: s.health,
		Cursors: cursor.New([]byte(c.JWTSecret.Value()), bytesOf(c.otherSecrets())...),
		Started: s.started.Load, TokenLife: c.JWTExpiresIn.Std(), Now: now, NewID: idgen.NewV7,
	})
}

// ownRevocations lets auth's own verifier ask what auth itself knows.
type ownRevocations struct{ known *app.Revoked }

// Revoked is the token.Revocations side.
func (o ownRevocations) Revoked(c token.Claims) bool {
	return o.known.Covers(domain.SessionID(c.SessionID), domain.UserID(c.Subject), c.IssuedAt)
}
