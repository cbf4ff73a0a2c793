// Package sostest runs the sos service in process on adapters in memory, for
// tests of whatever talks to it.
package sostest

import (
	"context"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/metrics"
	"github.com/loveapp/backend/shared/token"
	"github.com/loveapp/backend/sos"
	"github.com/loveapp/backend/sos/internal/adapters/memory"
)

// Options change what Start starts; the zero value stands alone: it signs its
// own tokens (Token, SOSCredential) and keeps what it would send (Alerts).
type Options struct {
	// AuthURLs of a running auth service, whose tokens are taken and whom names are asked of.
	AuthURLs []string
	// NotificationURLs of a running notification service, which alerts go to.
	NotificationURLs []string
	InternalSecret   config.Secret // "" = one of the tests
	PublicURL        string        // "" = http://localhost:3000
	Logger           *slog.Logger  // nil discards
	Calls            bool          // there is a provider of calls: Calls, HearCall
}

const (
	defaultInternalSecret config.Secret = "sostest: INTERNAL_SECRET of at least 32 bytes"
	signingSecret         config.Secret = "sostest: a secret that signs what auth would"
)

// SOS is a running service.
type SOS struct {
	URL            string
	InternalSecret config.Secret

	tb        testing.TB
	clock     *clock
	store     *memory.Store
	notifier  *memory.Notifier
	post      *memory.Post
	rooms     *memory.Rooms
	directory *memory.Directory
	roster    *memory.Roster
	caller    *memory.Caller
	signer    *token.Signer
	revoked   *signedOut
	service   *sos.Service
}

// Start runs the service until the test ends.
func Start(tb testing.TB, o Options) *SOS {
	tb.Helper()
	c := &clock{start: time.Now()}
	s := &SOS{
		tb: tb, clock: c, store: memory.NewStore(c.now), notifier: &memory.Notifier{}, post: &memory.Post{}, rooms: &memory.Rooms{}, directory: &memory.Directory{}, roster: &memory.Roster{}, revoked: &signedOut{},
	}
	cfg := o.config(tb)
	s.InternalSecret = cfg.InternalSecret
	adapters := sos.Adapters{
		Trails: s.store, Seals: s.store, Memories: s.store, Erasures: s.store, Rooms: s.rooms,
		Tickets: s.store, Timers: s.store, Reading: s.store, Outbox: s.store, Books: s.store, Invitations: s.store, People: s.store,
		Guests: s.store, Shares: s.store, Consents: s.store, Questions: s.store, Pins: s.store, Hasher: memory.Hasher{},
		Confirmations: s.store,
		Policies:      s.store, Oversight: s.store, Dispatchers: s.store, Auditing: s.store, Roster: s.roster,
		Notifier: s.notifier, Post: s.post, Directory: s.directory, Woken: s.store.Woken(), Revoked: s.revoked,
		Calls: s.store, Prepare: s.store.Ping, Close: func() error { return nil }, Now: c.now,
	}
	if o.Calls {
		s.caller = &memory.Caller{}
		adapters.Caller = s.caller
	}
	s.connect(o, &adapters)
	service, err := sos.Assemble(cfg, adapters)
	if err != nil {
		tb.Fatalf("start sos: %v", err)
	}
	s.service, s.URL = service, service.URL()
	s.run()
	return s
}

func (o Options) config(tb testing.TB) sos.Config {
	tb.Helper()
	c := sos.Config{Logger: o.Logger, Metrics: metrics.New("sos"), Version: "test"}
	c.InternalSecret, c.PublicURL, c.TrustedProxies = o.InternalSecret, o.PublicURL, "127.0.0.0/8"
	if c.InternalSecret == "" {
		c.InternalSecret = defaultInternalSecret
	}
	if c.PublicURL == "" {
		c.PublicURL = "http://localhost:3000"
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
func (s *SOS) run() {
	s.tb.Helper()
	ctx, stop := context.WithCancel(context.Background()) // the test's own ends before its cleanups
	ended := make(chan error, 1)
	go func() { ended <- s.service.Run(ctx) }()
	s.tb.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			s.tb.Errorf("sos ended with: %v", err)
		}
	})
	s.Eventually("sos is ready", s.ready)
}

func (s *SOS) ready() bool {
	req, err := http.NewRequestWithContext(s.tb.Context(), http.MethodGet, s.URL+"/health/ready", http.NoBody)
	if err != nil {
		return false
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}} // leaves nothing for goroutine checks to find
	res, err := client.Do(req)
	if err != nil {
		return false
	}
	_ = res.Body.Close()
	return res.StatusCode == http.StatusOK
}

// Now is the service's time.
func (s *SOS) Now() time.Time { return s.clock.now() }

// SetDatabaseAway makes the service's data unreachable, or reachable again.
func (s *SOS) SetDatabaseAway(away bool) { s.store.SetAway(away) }

// SetStandby configures a second machine that has to confirm each call for help,
// or takes it away. The service notices within a second or two.
func (s *SOS) SetStandby(named bool) { s.store.SetStandby(named) }

// FreezeStandby makes that machine silent, or lets it go on.
func (s *SOS) FreezeStandby(frozen bool) { s.store.FreezeStandby(frozen) }
