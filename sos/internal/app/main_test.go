package app_test

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/loveapp/backend/shared/idgen"
	"github.com/loveapp/backend/sos/internal/adapters/memory"
	"github.com/loveapp/backend/sos/internal/app"
	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// house is the use cases over memory.
type house struct {
	*app.App
	tb        testing.TB
	store     *memory.Store
	directory *memory.Directory
	roster    *memory.Roster
	post      *memory.Post
	names     *app.Names
	links     *app.Links
	barrier   *app.Barrier
}

func newHouse(tb testing.TB, tickets ports.Tickets) house {
	tb.Helper()
	return newHouseAt(tb, tickets, time.Now)
}

// newHouseAt has a database with a clock of its own.
func newHouseAt(tb testing.TB, tickets ports.Tickets, clock func() time.Time) house {
	tb.Helper()
	h := house{tb: tb, store: memory.NewStore(clock), directory: &memory.Directory{}, roster: &memory.Roster{}, post: &memory.Post{}}
	if tickets == nil {
		tickets = h.store
	}
	h.names = app.NewNames(h.store, h.directory, slog.New(slog.DiscardHandler))
	barrier, err := app.NewBarrier(app.BarrierConfig{Confirmations: h.store, Now: time.Now, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		tb.Fatal(err)
	}
	h.barrier = barrier
	runUntilTheEnd(tb, barrier.Run)
	links, err := app.NewLinks("https://love.example", "a secret of the tests with 32 bytes", "")
	if err != nil {
		tb.Fatal(err)
	}
	h.links = links
	live, err := app.NewLive(&memory.Rooms{}, slog.New(slog.DiscardHandler))
	if err != nil {
		tb.Fatal(err)
	}
	h.App, err = app.New(app.Config{
		Trails: h.store, Live: live,
		Tickets: tickets, Reading: h.store, Books: h.store, Invitations: h.store, Guests: h.store, Shares: h.store, Consents: h.store, Erasures: h.store, Notifier: &memory.Notifier{}, Post: h.post, Followers: app.NewFollowers(h.store, slog.New(slog.DiscardHandler)), Pins: h.store, Hasher: memory.Hasher{}, Links: links, Names: h.names,
		Policies: h.store, Oversight: h.store, Duty: app.NewDuty(h.roster, h.store, slog.New(slog.DiscardHandler)),
		Barrier: barrier,
		NewID:   idgen.NewV7, NameID: idgen.V5, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		tb.Fatal(err)
	}
	return h
}

func runUntilTheEnd(tb testing.TB, run func(context.Context) error) {
	tb.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- run(ctx) }()
	tb.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			tb.Error(err)
		}
	})
}

// trust makes users contacts of owner who have agreed.
func (h house) trust(owner string, users ...string) {
	h.tb.Helper()
	for _, user := range users {
		made, err := h.Invite(h.tb.Context(), domain.UserID(owner), domain.ContactDetails{Name: &user}, ports.Repeatable{})
		if err != nil {
			h.tb.Fatal(err)
		}
		if _, err := h.AcceptInvitation(h.tb.Context(), domain.UserID(user), made.Token); err != nil {
			h.tb.Fatal(err)
		}
	}
}

func (h house) press(owner, key string) domain.Ticket {
	h.tb.Helper()
	result, err := h.Trigger(h.tb.Context(), key, domain.Press{Reporter: domain.UserID(owner), Type: domain.OtherType})
	if err != nil {
		h.tb.Fatal(err)
	}
	return result.Ticket
}

// postman is a notification service that counts every copy that it is handed.
type postman struct {
	memory.Notifier
	mu     sync.Mutex
	copies map[string]int
	last   map[string]int
	broken []string // orders that were not kept
	slow   time.Duration
}

func (p *postman) Notify(ctx context.Context, alerts []domain.Alert) error {
	if p.slow > 0 {
		select {
		case <-time.After(p.slow):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if err := p.Notifier.Notify(ctx, alerts); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.copies == nil {
		p.copies, p.last = map[string]int{}, map[string]int{}
	}
	for _, a := range alerts {
		queue := string(a.TicketID) + " " + string(a.Recipient)
		p.copies[queue+" "+string(a.Kind)]++
		if a.Seq < p.last[queue] {
			p.broken = append(p.broken, queue)
		}
		p.last[queue] = a.Seq
	}
	return nil
}

func (p *postman) counted() (alerts, most int, broken []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, n := range p.copies {
		most = max(most, n)
	}
	return len(p.copies), most, p.broken
}

// tally is what operators would count.
type tally struct {
	mu                         sync.Mutex
	delivered, parked, retried int
	longest                    time.Duration
}

func (c *tally) telemetry() app.Telemetry {
	count := func(n *int, by int) {
		c.mu.Lock()
		defer c.mu.Unlock()
		*n += by
	}
	return app.Telemetry{
		Delivered: func(lag time.Duration) {
			count(&c.delivered, 1)
			c.mu.Lock()
			defer c.mu.Unlock()
			c.longest = max(c.longest, lag)
		},
		Parked:  func() { count(&c.parked, 1) },
		Retried: func(n int) { count(&c.retried, n) },
	}
}

// seen is the tally so far.
func (c *tally) seen() (delivered, parked, retried int, longest time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.delivered, c.parked, c.retried, c.longest
}

// dispatch runs a dispatcher until the test ends or stop is called.
func (h house) dispatch(p ports.Notifier, c *tally) (stop func()) {
	h.tb.Helper()
	d, err := app.NewDispatcher(app.DispatcherConfig{
		Outbox: h.store, Notifier: p, Post: h.post, Letters: app.Letters{Shares: h.store, Links: h.links, NameID: idgen.V5}, Woken: h.store.Woken(), Now: time.Now, Logger: slog.New(slog.DiscardHandler), Telemetry: c.telemetry(),
	})
	if err != nil {
		h.tb.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = d.Run(ctx)
	}()
	stop = sync.OnceFunc(func() {
		cancel()
		<-done
	})
	h.tb.Cleanup(stop)
	return stop
}
