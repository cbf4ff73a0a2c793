package app_test

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/loveapp/backend/notification/internal/adapters/memory"
	"github.com/loveapp/backend/notification/internal/app"
	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
	"github.com/loveapp/backend/shared/eventually"
	"github.com/loveapp/backend/shared/idgen"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is what instances share.
type world struct {
	store       *memory.Store
	registry    *memory.Registry
	bus         *memory.Bus
	alerts      *memory.Alerts
	tickets     *memory.Tickets
	owner       *memory.Owner
	preferences *memory.Preferences
	templates   *memory.Templates
	devices     *memory.Devices
	crowding    domain.Crowding
	outfit      func(*app.Config) // what there is to send by; nil: nothing
}

func newWorld() *world {
	return &world{
		store: memory.NewStore(time.Now), registry: memory.NewRegistry(time.Now), bus: memory.NewBus(), alerts: memory.NewAlerts(),
		tickets: memory.NewTickets(time.Now), owner: memory.NewOwner(), preferences: memory.NewPreferences(), templates: memory.NewTemplates(time.Now), devices: memory.NewDevices(time.Now),
	}
}

// never is an interval that no test sees the end of.
const never = time.Hour

// quick does everything in its turn but sweeping: what arrives has come by another way.
func quick() app.Pace {
	return app.Pace{
		Heartbeat: 20 * time.Millisecond, Lease: time.Minute, Reap: 10 * time.Millisecond, Quiet: 80 * time.Millisecond,
		Sweep: never, Expire: never, Revocation: 10 * time.Millisecond, Enrol: 100 * time.Millisecond,
		Occupy: never, Recheck: never, Keep: 10 * time.Millisecond,
	}
}

// shortLived has instances that are taken for dead soon. A busy machine may take a
// living one for dead, too.
func shortLived() app.Pace {
	p := quick()
	p.Lease = 60 * time.Millisecond
	return p
}

// instance is one app that runs.
type instance struct {
	*app.App
	tb      testing.TB
	stop    func()
	mu      sync.Mutex
	revoked map[domain.SessionID]bool
}

func (w *world) start(tb testing.TB, pace app.Pace) *instance {
	tb.Helper()
	return w.startOn(tb, w.store, pace)
}

func (w *world) startOn(tb testing.TB, store ports.Store, pace app.Pace) *instance {
	tb.Helper()
	i := &instance{tb: tb, revoked: map[domain.SessionID]bool{}}
	c := app.Config{
		Instance: domain.InstanceID(idgen.NewV7()), Store: store, Registry: w.registry, Bus: w.bus, Alerts: w.alerts, Tickets: w.tickets, Owner: w.owner, Preferences: w.preferences, Templates: w.templates, Devices: w.devices,
		Revoked: i.isRevoked, Now: time.Now, NewID: idgen.NewV7, NameID: idgen.V5, NewTicket: idgen.NewV7, Logger: slog.New(slog.DiscardHandler), Pace: pace,
		Crowding: w.crowding,
	}
	if w.outfit != nil {
		w.outfit(&c)
	}
	a, err := app.New(c)
	if err != nil {
		tb.Fatal(err)
	}
	i.App = a
	before := w.alerts.Listeners()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = a.Run(ctx)
	}()
	i.stop = sync.OnceFunc(func() {
		cancel()
		<-ended
	})
	tb.Cleanup(i.stop)
	eventually.True(tb, "the instance is in the registry and hears the others", func() bool {
		return a.Counters().Epochs.Load() > 0 && w.bus.Hears(c.Instance) && w.alerts.Listeners() > before
	})
	return i
}

func (i *instance) isRevoked(p domain.Principal) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.revoked[p.Session]
}

func (i *instance) revoke(s domain.SessionID) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.revoked[s] = true
}

func newUser() domain.UserID { return domain.UserID(idgen.NewV7()) }

func principal(user domain.UserID) domain.Principal {
	return domain.Principal{User: user, Session: domain.SessionID(idgen.NewV7()), Role: "USER", ExpiresAt: time.Now().Add(time.Hour)}
}

// device is a connected socket.
type device struct {
	*memory.Socket
	session   *app.Session
	principal domain.Principal
}

func (i *instance) connect(user domain.UserID) *device {
	i.tb.Helper()
	socket := memory.NewSocket(10_000)
	p := principal(user)
	session, err := i.Connect(i.tb.Context(), p, socket)
	if err != nil {
		i.tb.Fatalf("connect: %v", err)
	}
	return &device{Socket: socket, session: session, principal: p}
}

// told gives what the device was told, in short: "connected 0 | 1 2! | …", urgent ones with a mark.
func (d *device) told() string {
	messages, closed := d.Got()
	var words []string
	for _, m := range messages {
		words = append(words, word(m))
	}
	if closed != 0 {
		words = append(words, "closed")
	}
	return strings.Join(words, " ")
}

func word(m domain.Message) string {
	switch m := m.(type) {
	case domain.Connected:
		return "connected:" + number(m.Newest)
	case domain.Notified:
		return number(m.Seq)
	case domain.Resumed:
		return "resumed:" + number(m.Seq)
	case domain.Reset:
		return "reset:" + number(m.Seq)
	case domain.Changed:
		return string(m.Kind)
	case domain.Joined:
		return "joined"
	case domain.Left:
		if m.Closed {
			return "closed"
		}
		return "left"
	case domain.Happened:
		return m.Name + ":" + m.ID
	}
	return "?"
}

func number(seq domain.Seq) string {
	digits := []byte{}
	for ; seq > 0 || len(digits) == 0; seq /= 10 {
		digits = append(digits, byte('0'+seq%10))
	}
	slices.Reverse(digits)
	return string(digits)
}

func (d *device) expect(t *testing.T, want string) {
	t.Helper()
	eventually.True(t, "the device is told "+want, func() bool { return d.told() == want }, d.told)
}

func (i *instance) notify(user domain.UserID, priority domain.Priority) {
	i.tb.Helper()
	_, err := i.Accept(i.tb.Context(), []domain.Proposal{{EventID: idgen.NewV7(), Users: []string{string(user)}, Priority: string(priority), Title: "t"}})
	if err != nil {
		i.tb.Fatalf("accept: %v", err)
	}
}
