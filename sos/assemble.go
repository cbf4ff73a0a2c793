package sos

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/cursor"
	"github.com/loveapp/backend/shared/health"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/idgen"
	"github.com/loveapp/backend/shared/servicetoken"
	"github.com/loveapp/backend/shared/token"
	"github.com/loveapp/backend/shared/tracing"
	"github.com/loveapp/backend/sos/internal/adapters/httpapi"
	"github.com/loveapp/backend/sos/internal/app"
	"github.com/loveapp/backend/sos/internal/ports"
)

// Adapters is everything outside of the use cases. New brings the real ones,
// sostest those in memory.
type Adapters struct {
	Tickets     ports.Tickets
	Timers      ports.Timers
	Reading     ports.Reading
	Trails      ports.Trails
	Rooms       ports.Rooms
	Seals       ports.Seals
	Memories    ports.Memories
	Erasures    ports.Erasures
	Outbox      ports.Outbox
	Books       ports.ContactBooks
	Invitations ports.Invitations
	People      ports.People
	Guests      ports.Guests
	Shares      ports.Shares
	Consents    ports.Consents
	Pins        ports.Pins
	Hasher      ports.Hasher
	Questions   ports.Questions
	Notifier    ports.Notifier
	Post        ports.Post
	Directory   ports.Directory
	// Confirmations asks the standbys.
	Confirmations ports.Confirmations
	Policies      ports.Policies
	Oversight     ports.Oversight
	Dispatchers   ports.Dispatchers
	Auditing      ports.Auditing
	Roster        ports.Roster
	// Calls and Caller make calls; Caller nil: phones dial, and nobody else.
	Calls  ports.Calls
	Caller ports.Caller
	// Woken is signalled when alerts were queued.
	Woken <-chan struct{}

	Keys    token.KeySource
	Revoked token.Revocations // nil: nobody is ever signed out
	Ledger  token.Ledger      // keeps revocations over restarts; only New needs it

	// Prepare makes the store ready; it is tried again until it succeeds.
	Prepare func(ctx context.Context) error
	// Background runs beside the service, each until its context ends.
	Background []func(ctx context.Context) error
	// Engines do too, once Prepare has succeeded.
	Engines []func(ctx context.Context) error
	// Checks are what the health pages show.
	Checks []health.Check
	// Surveys show what is only known when asked.
	Surveys []health.Survey
	// Close gives up what the adapters hold.
	Close func() error
	// Now is the clock that tokens are judged by; nil = time.Now. Nothing else is.
	Now func() time.Time
}

// Assemble is the one place where ports meet the use cases. The config's
// Listener, Logger and Metrics must be there.
func Assemble(c Config, a Adapters) (*Service, error) {
	if c.Listener == nil || c.Logger == nil || c.Metrics == nil || a.Prepare == nil || a.Close == nil {
		return nil, errors.New("sos: Listener, Logger, Metrics, Prepare and Close are required")
	}
	s := &Service{config: c, prepare: a.Prepare, background: a.Background}
	var err error
	if s.tracing, err = tracing.Open(tracing.FromInfra(c.Infra, "sos-service", c.Version, c.Logger, c.Metrics.Registerer())); err != nil {
		return nil, fmt.Errorf("sos: %w", err)
	}
	s.release = func() error { return errors.Join(a.Close(), s.tracing.Close()) }
	for _, step := range []func(Adapters) error{s.makeApp, s.makeHealth, s.makeServer} {
		if err := step(a); err != nil {
			return nil, fmt.Errorf("sos: %w", errors.Join(err, s.tracing.Close()))
		}
	}
	return s, nil
}

func (s *Service) makeApp(a Adapters) error {
	c := s.config
	telemetry, err := newTelemetry(c.Metrics.Registerer(), c.Canary != "")
	if err != nil {
		return err
	}
	telemetry.Handing = handing(s.tracing)
	links, err := app.NewLinks(c.PublicURL, c.InternalSecret.Value(), c.InternalSecretPrevious.Value())
	if err != nil {
		return err
	}
	s.followers = app.NewFollowers(a.Shares, c.Logger)
	barrier, err := app.NewBarrier(app.BarrierConfig{Confirmations: a.Confirmations, Now: time.Now, Logger: c.Logger, Telemetry: telemetry})
	if err != nil {
		return err
	}
	live, err := app.NewLive(a.Rooms, c.Logger)
	if err != nil {
		return err
	}
	s.house, err = app.NewHousekeeping(app.HousekeepingConfig{Seals: a.Seals, Memories: a.Memories, Secret: c.InternalSecret.Value(), Logger: c.Logger})
	if err != nil {
		return err
	}
	names := app.NewNames(a.People, a.Directory, c.Logger)
	operator, err := s.makeOperator(a)
	if err != nil {
		return err
	}
	s.duty = app.NewDuty(a.Roster, a.Dispatchers, c.Logger)
	s.app, err = app.New(app.Config{
		Trails: a.Trails, Erasures: a.Erasures,
		Live:    live,
		Tickets: a.Tickets, Reading: a.Reading, Books: a.Books, Invitations: a.Invitations, Guests: a.Guests, Shares: a.Shares, Consents: a.Consents, Notifier: a.Notifier, Post: a.Post, Followers: s.followers, Pins: a.Pins, Hasher: a.Hasher, Links: links, Names: names,
		Policies: a.Policies, Oversight: a.Oversight, Duty: s.duty,
		Barrier: barrier, Operator: operator,
		NewID: idgen.NewV7, NameID: idgen.V5, Logger: c.Logger, Telemetry: telemetry,
	})
	if err != nil {
		return err
	}
	dispatcher, err := app.NewDispatcher(app.DispatcherConfig{
		Outbox: a.Outbox, Notifier: a.Notifier, Post: a.Post, Letters: app.Letters{Shares: a.Shares, Links: links, NameID: idgen.V5},
		Woken: a.Woken, Now: time.Now, Logger: c.Logger, Telemetry: telemetry,
	})
	if err != nil {
		return err
	}
	inviter, err := app.NewInviter(app.InviterConfig{Questions: a.Questions, Post: a.Post, Notifier: a.Notifier, People: a.People, Directory: a.Directory, Links: links, Logger: c.Logger})
	if err != nil {
		return err
	}
	s.clockwork = app.NewClockwork(a.Timers, live, c.Logger, telemetry)
	s.engines = append(slices.Clone(a.Engines), dispatcher.Run, inviter.Run, s.house.Run, live.Run, s.clockwork.Run, names.Run, s.app.FinishErasures, s.followers.Run, barrier.Run, s.duty.Run)
	s.engines = append(s.engines, s.watchers(a, telemetry)...)
	if operator != nil {
		s.engines = append(s.engines, operator.Run)
	}
	return nil
}

func (s *Service) makeHealth(a Adapters) (err error) {
	s.health, err = health.New(health.Config{Version: s.config.Version, Checks: a.Checks, Surveys: a.Surveys})
	return err
}

func (s *Service) makeServer(a Adapters) error {
	handler, err := s.handler(a)
	if err != nil {
		return err
	}
	proxies, err := config.ParsePrefixes(s.config.TrustedProxies)
	if err != nil {
		return err
	}
	s.server, err = httpserver.New(httpserver.Config{
		Listener: s.config.Listener, Handler: handler, Logger: s.config.Logger, Metrics: s.config.Metrics, Tracing: s.tracing,
		TrustedProxies: proxies, DrainTimeout: s.config.DrainTimeout.Std(), OnDrain: func() {
			s.health.Drain()
			s.followers.Drain()
		},
	})
	return err
}

func (s *Service) handler(a Adapters) (http.Handler, error) {
	verifier, err := token.NewVerifier(token.VerifierConfig{Keys: a.Keys, Revoked: a.Revoked, Now: a.Now, Legacy: s.config.LegacyJWTSecret})
	if err != nil {
		return nil, err
	}
	services, err := servicetoken.New(servicetoken.Config{Secret: s.config.InternalSecret, Previous: s.config.InternalSecretPrevious, Now: a.Now})
	if err != nil {
		return nil, err
	}
	return httpapi.New(httpapi.Config{
		App: s.app, Verifier: verifier, Services: services, Health: s.health, Started: s.started.Load,
		Cursors: cursor.New([]byte(s.config.InternalSecret.Value()), []byte(s.config.InternalSecretPrevious.Value())),
	})
}
