// Package app holds the use cases of notifications: taking them in, showing
// inboxes, and keeping every connected device up to date. Each file is one of them.
package app

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
)

// Config is all that the application needs.
type Config struct {
	Instance domain.InstanceID
	Store    ports.Store
	Registry ports.Registry
	Bus      ports.Bus
	Alerts   ports.Alerts
	Tickets  ports.Tickets
	Owner    ports.Owner
	// Preferences are what people want to be disturbed by.
	Preferences ports.Preferences
	// Templates are the words that administrators have written.
	Templates ports.Templates
	// PublicURL is where links in messages may lead; "": anywhere.
	PublicURL string
	Devices   ports.Devices
	// PushKey is the public key that browsers subscribe with; "": no Web Push.
	PushKey string
	// PrivatePush lets subscriptions lead into private networks, as in tests.
	PrivatePush bool
	// Revoked tells whether the token behind a connection has been ended since.
	Revoked func(domain.Principal) bool
	Now     func() time.Time
	NewID   func() string // UUIDv7
	// NameID gives the id that follows from a name within a namespace (UUIDv5).
	NameID    func(namespace, name string) string
	NewTicket func() string // 256 random bits as text
	Logger    *slog.Logger
	// Retention is how long entries are kept.
	Retention domain.Retention
	// Pace holds the intervals; zero fields take those of DefaultPace.
	Pace Pace
	// Crowding says how many sockets may come from where.
	Crowding domain.Crowding

	// Senders are the providers that messages go out by; without any nothing is
	// ever planned, and People is not asked.
	Senders    map[domain.Provider]ports.Sender
	People     ports.People
	Escalation domain.Escalation // zero fields take those of production
	Backoff    domain.Backoff    // zero = that of production
	Telemetry  Telemetry
}

func (c Config) check() error {
	if c.Instance == "" || c.Store == nil || c.Registry == nil || c.Bus == nil || c.Alerts == nil || c.Tickets == nil || c.Owner == nil || c.Preferences == nil || c.Templates == nil || c.Devices == nil ||
		c.Revoked == nil || c.Now == nil || c.NewID == nil || c.NameID == nil || c.NewTicket == nil || c.Logger == nil {
		return errors.New("app: Config lacks something that has no default")
	}
	if len(c.Senders) > 0 && c.People == nil {
		return errors.New("app: Senders need People")
	}
	return nil
}

// App is the notification service without its transports.
type App struct {
	store       ports.Store
	tickets     ports.Tickets
	registry    ports.Registry
	bus         ports.Bus
	alerts      ports.Alerts
	owner       ports.Owner
	preferences ports.Preferences
	templates   ports.Templates
	builtIn     []domain.Template // by name
	words       words
	publicURL   string
	devices     ports.Devices
	pushKey     string
	privatePush bool
	revoked     func(domain.Principal) bool
	now         func() time.Time
	newID       func() string
	nameID      func(namespace, name string) string
	newTicket   func() string
	logger      *slog.Logger
	pace        Pace
	retention   domain.Retention
	self        domain.InstanceID

	roster   *roster
	origins  *origins
	presence *presence
	router   chan errand
	// unreachable and whole are the routing goroutine's: whether the last batch
	// failed, and when the registry was last found to be whole.
	unreachable bool
	whole       time.Time
	rooms       *rooms
	recent      *recent
	waiting     waiting
	herald      chan domain.Alert
	acks        chan shown
	repairs     chan *Session
	woken       chan struct{}
	unkept      chan struct{} // rooms that the registry may have forgotten
	doubted     chan struct{} // members whose owner is to be asked anew
	counters    Counters

	questions chan question

	senders    map[domain.Provider]ports.Sender
	carriers   map[domain.Channel]domain.Provider // of the channels with one provider each
	open       map[domain.Channel]bool            // on which something can be sent
	people     ports.People
	escalation domain.Escalation
	backoff    domain.Backoff
	telemetry  Telemetry
	plans      map[bool]chan struct{} // urgent or not: there is a new one
	pumps      map[ports.Queue]*pump
	claims     *claims
	scheduled  chan struct{} // something was
}

// Bounds of what may wait. What finds its queue full is dropped: it only makes
// things live, and the sweeper finds what was missed.
const (
	routerQueue = 4096
	heraldQueue = 1024
	repairQueue = 4096
)

// New makes the application. Run has to be running for anything to be live.
func New(c Config) (*App, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	builtIn, err := domain.BuiltInTemplates()
	if err != nil {
		return nil, err
	}
	a := &App{
		store: c.Store, tickets: c.Tickets, registry: c.Registry, bus: c.Bus, alerts: c.Alerts, owner: c.Owner, preferences: c.Preferences, templates: c.Templates, builtIn: builtIn, publicURL: c.PublicURL, revoked: c.Revoked,
		now: c.Now, newID: c.NewID, nameID: c.NameID, newTicket: c.NewTicket, logger: c.Logger, pace: c.Pace.withDefaults(), retention: c.Retention.WithDefaults(), self: c.Instance,
		pushKey: c.PushKey, privatePush: c.PrivatePush,
		roster:  newRoster(),
		origins: newOrigins(c.Crowding),
		rooms:   newRooms(),
		recent:  newRecent(),
		router:  make(chan errand, routerQueue),
		herald:  make(chan domain.Alert, heraldQueue),
		acks:    make(chan shown, ackQueue),
		repairs: make(chan *Session, repairQueue),
		woken:   make(chan struct{}, 1),
		unkept:  make(chan struct{}, 1),
		doubted: make(chan struct{}, 1),
	}
	a.questions = make(chan question, newestQueue)
	a.presence = newPresence(a)
	a.equip(c)
	return a, nil
}

// Counters gives what has happened so far, for metrics.
func (a *App) Counters() *Counters { return &a.counters }

// Run does what happens without a request, until ctx ends: it keeps the
// registry, listens to other instances, routes, repairs and sweeps. Connections
// are closed before, so that the registry is left clean.
func (a *App) Run(ctx context.Context) error {
	var running sync.WaitGroup
	for _, work := range []func(context.Context){
		a.presence.run, a.reap, a.route, a.raise, a.listen, a.listenForAlerts, a.sweep, a.expire, a.purge, a.watchRevocations,
		a.keepRooms, a.recheck, a.thin, a.keepSchedule, a.keepOrigins, a.noteAcks, a.forgetDevices,
	} {
		running.Go(func() { work(ctx) })
	}
	if len(a.senders) > 0 {
		running.Go(func() { a.followUp(ctx) })
	}
	for range newestReaders {
		running.Go(func() { a.answer(ctx) })
	}
	for range repairers {
		running.Go(func() { a.repair(ctx) })
	}
	running.Wait()
	return nil
}

// every calls work each interval until ctx ends.
func every(ctx context.Context, interval time.Duration, work func(context.Context)) {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			work(ctx)
		case <-ctx.Done():
			return
		}
	}
}
