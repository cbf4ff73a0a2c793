package notification

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"github.com/loveapp/backend/notification/internal/adapters/breakerclient"
	"github.com/loveapp/backend/notification/internal/adapters/httpapi"
	"github.com/loveapp/backend/notification/internal/adapters/wsapi"
	"github.com/loveapp/backend/notification/internal/app"
	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
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
// notificationtest those in memory.
type Adapters struct {
	Store       ports.Store
	Registry    ports.Registry
	Bus         ports.Bus
	Alerts      ports.Alerts
	Tickets     ports.Tickets
	Owner       ports.Owner
	Preferences ports.Preferences
	Templates   ports.Templates
	Devices     ports.Devices

	// Senders are what messages go out by, and Devices and People say where to;
	// without any nothing but sockets tells anybody anything.
	Senders []ports.Sender
	People  ports.People

	Keys        token.KeySource
	Revocations token.Revocations
	// Background runs beside the service, until its ctx ends.
	Background []func(ctx context.Context) error

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
	// Pace and Limits, where zero, are those of production.
	Pace       app.Pace
	Limits     wsapi.Limits
	Escalation domain.Escalation
	Backoff    domain.Backoff
}

// Assemble is the one place where ports meet the use cases. The config's
// Listener, Logger and Metrics must be there.
func Assemble(c Config, a Adapters) (*Service, error) {
	if c.Listener == nil || c.Logger == nil || c.Metrics == nil || a.Keys == nil || a.Revocations == nil || a.Prepare == nil || a.Close == nil {
		return nil, errors.New("notification: Listener, Logger, Metrics, Keys, Revocations, Prepare and Close are required")
	}
	if a.Now == nil {
		a.Now = time.Now
	}
	s := &Service{config: c, prepare: a.Prepare, background: a.Background}
	senders, off, err := c.providers().senders()
	if err != nil {
		return nil, fmt.Errorf("notification: %w", err)
	}
	if s.tracing, err = tracing.Open(tracing.FromInfra(c.Infra, "notification-service", c.Version, c.Logger, c.Metrics.Registerer())); err != nil {
		return nil, fmt.Errorf("notification: %w", err)
	}
	for _, made := range senders {
		a.Senders = append(a.Senders, made)
	}
	if len(off) > 0 {
		c.Logger.Warn("providers without credentials are off: nobody is reached by them", "off", off)
	}
	s.release = func() error { return errors.Join(a.Close(), closeAll(senders), s.tracing.Close()) }
	for _, step := range []func(Adapters) error{s.makeApp, s.makeSockets, s.makeHealth, s.makeServer} {
		if err := step(a); err != nil {
			return nil, fmt.Errorf("notification: %w", errors.Join(err, s.tracing.Close()))
		}
	}
	return s, nil
}

func (s *Service) makeApp(a Adapters) error {
	shared, err := config.ParsePrefixes(s.config.SharedAddresses)
	if err != nil {
		return err
	}
	meters := newSendMeters(s.config.Metrics.Registerer())
	told := meters.telemetry()
	follow(s.tracing, &told)
	s.app, err = app.New(app.Config{
		Instance: domain.InstanceID(idgen.NewV7()),
		Store:    a.Store, Registry: a.Registry, Bus: a.Bus, Alerts: a.Alerts, Tickets: a.Tickets, Owner: a.Owner, Preferences: a.Preferences, Templates: a.Templates, Devices: a.Devices, PublicURL: s.config.PublicURL,
		Revoked: revokedBy(a.Revocations), Now: a.Now, NewID: idgen.NewV7, NameID: idgen.V5, NewTicket: newTicket, Logger: s.config.Logger, Pace: a.Pace,
		PushKey: s.config.VAPIDPublicKey, PrivatePush: s.config.PrivatePush,
		Crowding: domain.Crowding{Most: s.config.MaxPerAddress, Shared: shared},
		Senders:  guarded(a.Senders, meters), People: a.People, Escalation: a.Escalation, Backoff: a.Backoff,
		Telemetry: told,
		Retention: domain.Retention{Settled: s.config.KeepSettled.Std(), All: s.config.KeepAll.Std()},
	})
	if err == nil {
		s.countersToMetrics()
	}
	return err
}

// guarded stands breakers in front of the senders.
func guarded(senders []ports.Sender, meters *sendMeters) map[domain.Provider]ports.Sender {
	by := make(map[domain.Provider]ports.Sender, len(senders))
	for _, sender := range senders {
		meters.begin(sender.Provider())
		if sender.Provider() == domain.WebPush { // whose hosts the recipients choose
			by[domain.WebPush] = breakerclient.PerHost(sender, meters.breakerChanged)
			continue
		}
		by[sender.Provider()] = breakerclient.New(sender, meters.breakerChanged)
	}
	return by
}

// revokedBy asks in the terms of tokens.
func revokedBy(revocations token.Revocations) func(domain.Principal) bool {
	return func(p domain.Principal) bool {
		return revocations.Revoked(token.Claims{
			Subject: string(p.User), SessionID: string(p.Session), Role: p.Role, IssuedAt: p.IssuedAt, ExpiresAt: p.ExpiresAt,
		})
	}
}

// newTicket has 256 random bits: nobody guesses one within its half minute.
func newTicket() string {
	var raw [32]byte
	_, _ = rand.Read(raw[:]) // never fails (Go 1.24)
	return base64.RawURLEncoding.EncodeToString(raw[:])
}

func (s *Service) makeSockets(a Adapters) (err error) {
	s.verifier, err = token.NewVerifier(token.VerifierConfig{Keys: a.Keys, Revoked: a.Revocations, Now: a.Now, Legacy: s.config.LegacyJWTSecret})
	if err != nil {
		return err
	}
	limits := a.Limits
	if limits.Sockets == 0 {
		limits.Sockets = s.config.MaxSockets
	}
	if limits.Drain == 0 {
		limits.Drain = s.config.SocketDrain.Std()
	}
	s.sockets, err = wsapi.New(wsapi.Config{
		App: s.app, Verifier: s.verifier, Now: a.Now, Logger: s.config.Logger, Metrics: s.config.Metrics.Registerer(), Limits: limits,
		Follow: written(s.tracing, a.Now),
	})
	return err
}

func (s *Service) makeHealth(a Adapters) (err error) {
	s.health, err = health.New(health.Config{Version: s.config.Version, Checks: a.Checks, Surveys: a.Surveys})
	return err
}

func (s *Service) makeServer(a Adapters) error {
	c := s.config
	services, err := servicetoken.New(servicetoken.Config{Secret: c.InternalSecret, Previous: c.InternalSecretPrevious, Now: a.Now})
	if err != nil {
		return err
	}
	handler, err := httpapi.New(httpapi.Config{
		App: s.app, Verifier: s.verifier, Services: services, Beside: append(s.sockets.Routes(), s.health.Routes()...),
		Cursors: cursor.New([]byte(c.InternalSecret.Value()), []byte(c.InternalSecretPrevious.Value())),
	})
	if err != nil {
		return err
	}
	proxies, err := config.ParsePrefixes(c.TrustedProxies)
	if err != nil {
		return err
	}
	s.server, err = httpserver.New(httpserver.Config{
		Listener: c.Listener, Handler: handler, Logger: c.Logger, Metrics: c.Metrics, Tracing: s.tracing,
		TrustedProxies: proxies, DrainTimeout: c.DrainTimeout.Std(), OnDrain: s.health.Drain,
	})
	return err
}
