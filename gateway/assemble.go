package gateway

import (
	"errors"
	"fmt"
	"time"

	"github.com/loveapp/backend/gateway/api"
	"github.com/loveapp/backend/gateway/internal/adapters/discovery"
	"github.com/loveapp/backend/gateway/internal/adapters/httpapi"
	"github.com/loveapp/backend/gateway/internal/adapters/memory"
	"github.com/loveapp/backend/gateway/internal/adapters/openapi"
	"github.com/loveapp/backend/gateway/internal/adapters/proxy"
	"github.com/loveapp/backend/gateway/internal/app"
	"github.com/loveapp/backend/gateway/internal/domain"
	"github.com/loveapp/backend/gateway/internal/ports"
	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/health"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/servicetoken"
	"github.com/loveapp/backend/shared/token"
	"github.com/loveapp/backend/shared/tracing"
)

// Adapters is what the gateway shares with others of its kind. New brings Redis,
// gatewaytest the memory of the process.
type Adapters struct {
	Limiter ports.Limiter
	Answers ports.Answers
	// Checks are what the health pages show beside the services.
	Checks []health.Check
	// Surveys show what is only known when asked.
	Surveys []health.Survey
	// Close gives up what the adapters hold.
	Close func() error
}

// Assemble is the one place where ports meet the use cases. The config's
// Listener, Logger and Metrics must be there.
func Assemble(c Config, a Adapters) (*Service, error) {
	if c.Listener == nil || c.Logger == nil || c.Metrics == nil || a.Limiter == nil || a.Answers == nil || a.Close == nil {
		return nil, errors.New("gateway: Listener, Logger, Metrics, Limiter, Answers and Close are required")
	}
	s := &Service{config: c}
	var err error
	if s.tracing, err = tracing.Open(tracing.FromInfra(c.Infra, "api-gateway", c.Version, c.Logger, c.Metrics.Registerer())); err != nil {
		return nil, fmt.Errorf("gateway: %w", err)
	}
	s.release = func() error { return errors.Join(a.Close(), s.tracing.Close()) }
	for _, step := range []func(Adapters) error{s.makeApp, s.makeAnswers, s.makeProxy, s.makeVerifier, s.makeHealth, s.makeBook, s.makeServer} {
		if err := step(a); err != nil {
			return nil, fmt.Errorf("gateway: %w", errors.Join(err, s.tracing.Close()))
		}
	}
	return s, nil
}

func (s *Service) makeApp(a Adapters) error {
	local, err := memory.NewLimiter(time.Now)
	if err != nil {
		return err
	}
	shared, err := config.ParsePrefixes(s.config.SharedAddresses)
	if err != nil {
		return err
	}
	var m config.Mistakes
	limits, ceiling := s.config.limits(&m), s.config.ceiling(&m)
	if err := m.Err(); err != nil {
		return err
	}
	s.app, err = app.New(app.Config{
		Shared: a.Limiter, Local: local, Limits: limits, SharedAddresses: shared,
		Gateways: s.config.GatewayInstances, InFlight: s.config.MaxInFlight, Ceiling: ceiling, Now: time.Now, Logger: s.config.Logger,
	})
	return err
}

func (s *Service) makeAnswers(a Adapters) error {
	local, err := memory.NewAnswers(time.Now)
	if err != nil {
		return err
	}
	s.answers, err = app.NewAnswers(app.AnswersConfig{Local: local, Shared: a.Answers, Now: time.Now, Logger: s.config.Logger})
	return err
}

func (s *Service) makeProxy(Adapters) error {
	trusted, err := config.ParsePrefixes(s.config.TrustedProxies)
	if err != nil {
		return err
	}
	shared, err := config.ParsePrefixes(s.config.SharedAddresses)
	if err != nil {
		return err
	}
	s.proxy, err = proxy.New(proxy.Config{
		Logger: s.config.Logger, Metrics: s.config.Metrics.Registerer(), MaxTunnels: s.config.MaxTunnels, TrustedProxies: trusted,
		Seats: domain.Seats{User: s.config.MaxTunnelsPerUser, Address: s.config.MaxTunnelsPerAddress}, SharedAddresses: shared,
	})
	if err != nil {
		return err
	}
	for _, service := range domain.Services() {
		w, err := discovery.NewWatcher(discovery.Config{
			Hosts: s.config.hosts(service), Changed: s.proxy.Fleet(service).Set, Logger: s.config.Logger,
		})
		if err != nil {
			return err
		}
		s.watchers = append(s.watchers, w)
	}
	return s.watchLegacy()
}

func (s *Service) makeVerifier(Adapters) error {
	services, err := servicetoken.New(servicetoken.Config{Secret: s.config.InternalSecret, Previous: s.config.InternalSecretPrevious})
	if err != nil {
		return err
	}
	keys, err := token.NewRemoteKeys(token.RemoteKeysConfig{URLs: s.config.AuthURLs(), Logger: s.config.Logger})
	if err != nil {
		return err
	}
	s.revocations, err = token.NewRevocationFeed(token.FeedConfig{
		URLs: s.config.AuthURLs(), Retain: s.config.JWTExpiresIn.Std(), Logger: s.config.Logger,
		Token: func() (string, error) { return services.Sign(servicetoken.Gateway, servicetoken.Auth) },
	})
	if err != nil {
		return err
	}
	s.verifier, err = token.NewVerifier(token.VerifierConfig{Keys: keys, Revoked: s.revocations, Legacy: s.config.LegacyJWTSecret})
	return err
}

func (s *Service) makeHealth(a Adapters) (err error) {
	s.health, err = health.New(health.Config{Version: s.config.Version, Checks: a.Checks, Surveys: append([]health.Survey{
		{Group: health.Services, Look: s.proxy.Services},
		{Group: health.Database, Look: s.proxy.Database},
	}, a.Surveys...)})
	return err
}

// makeBook is told by the services, over the wire, what their part of the document is.
func (s *Service) makeBook(Adapters) (err error) {
	s.book, err = openapi.NewBook(openapi.Config{
		Own: api.Spec(), Fetch: s.proxy.Spec, Routes: domain.Routes(), Now: time.Now, Logger: s.config.Logger,
	})
	return err
}

func (s *Service) makeServer(Adapters) error {
	handler, err := httpapi.New(httpapi.Config{
		App: s.app, Answers: s.answers, Verifier: s.verifier, Forward: s.proxy.Handler, Health: s.health.Routes(),
		Metrics: s.config.Metrics.Registerer(), CORSOrigins: s.config.origins(), Legacy: s.config.LegacyHost != "",
		Documents: httpapi.Documents{JSON: s.book.JSON, Page: s.book.Page, PagePolicy: openapi.PagePolicy()},
	})
	if err != nil {
		return err
	}
	trusted, err := config.ParsePrefixes(s.config.TrustedProxies)
	if err != nil {
		return err
	}
	s.server, err = httpserver.New(httpserver.Config{
		Listener: httpapi.Listener(s.config.Listener), ConnContext: httpapi.ConnContext, Handler: handler,
		Logger: s.config.Logger, Metrics: s.config.Metrics, Tracing: s.tracing, TrustedProxies: trusted,
		DrainTimeout: s.config.DrainTimeout.Std(), Grace: s.config.DrainGrace.Std(), OnDrain: s.health.Drain,
	})
	return err
}
