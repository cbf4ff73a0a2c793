package app_test

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"github.com/loveapp/backend/gateway/internal/adapters/memory"
	"github.com/loveapp/backend/gateway/internal/app"
	"github.com/loveapp/backend/gateway/internal/domain"
	"github.com/loveapp/backend/gateway/internal/ports"
)

// clock is a time that the test moves.
type clock struct{ now time.Time }

func (c *clock) Now() time.Time          { return c.now }
func (c *clock) advance(d time.Duration) { c.now = c.now.Add(d) }

// counter is a limiter that can go away, and that counts how often it is asked.
type counter struct {
	ports.Limiter
	err   error
	asked atomic.Int64
}

func (c *counter) Take(ctx context.Context, client domain.Client, p domain.Policy) (domain.Verdict, error) {
	c.asked.Add(1)
	if c.err != nil {
		return domain.Verdict{}, c.err
	}
	return c.Limiter.Take(ctx, client, p)
}

type world struct {
	*app.App
	clock         *clock
	shared, local *counter
}

func start(t *testing.T, change ...func(*app.Config)) *world {
	t.Helper()
	w := &world{clock: &clock{now: time.Unix(1_700_000_000, 0)}}
	limiter := func() *counter {
		l, err := memory.NewLimiter(w.clock.Now)
		if err != nil {
			t.Fatal(err)
		}
		return &counter{Limiter: l}
	}
	w.shared, w.local = limiter(), limiter()
	c := app.Config{
		Shared: w.shared, Local: w.local, Gateways: 4, InFlight: 10, Now: w.clock.Now, Logger: slog.New(slog.DiscardHandler),
		Limits: domain.Limits{
			Short:       domain.Limit{Name: "short", Count: 100, Window: time.Minute, Burst: 100},
			General:     domain.Limit{Name: "general", Count: 50, Window: time.Second, Burst: 100},
			Credentials: domain.Limit{Name: "auth", Count: 10, Window: time.Second, Burst: 20},
		},
		SharedAddresses: []netip.Prefix{netip.MustParsePrefix("100.64.0.0/10")},
	}
	for _, f := range change {
		f(&c)
	}
	a, err := app.New(c)
	if err != nil {
		t.Fatal(err)
	}
	w.App = a
	return w
}

// leave is the end of a request whose answer is read at once.
func (w *world) leave(r domain.Route, entered time.Time) {
	w.Answered(r, entered)
	w.Leave()
}

func from(address string) domain.Caller { return domain.Caller{Address: netip.MustParseAddr(address)} }

// passed sends n requests at once and counts what passes.
func (w *world) passed(t *testing.T, n int, class domain.Class, caller domain.Caller) (passed int) {
	t.Helper()
	for range n {
		if w.Admit(t.Context(), class, caller).Allowed {
			passed++
		}
	}
	return passed
}

func TestAClientGetsItsLimitAndAnAlarmHasNone(t *testing.T) {
	t.Parallel()
	w := start(t)
	if n := w.passed(t, 150, domain.General, from("192.0.2.1")); n != 100 {
		t.Errorf("%d of 150 passed", n)
	}
	if n := w.passed(t, 500, domain.Unlimited, from("192.0.2.1")); n != 500 {
		t.Errorf("%d of 500 alarms passed", n)
	}
}

func TestWhoIsKnownIsCountedWhereverItComesFrom(t *testing.T) {
	t.Parallel()
	w := start(t)
	alice := domain.Caller{Known: domain.User("alice"), Address: netip.MustParseAddr("192.0.2.1")}
	elsewhere := domain.Caller{Known: domain.User("alice"), Address: netip.MustParseAddr("198.51.100.1")}
	if n := w.passed(t, 80, domain.General, alice) + w.passed(t, 80, domain.General, elsewhere); n != 100 {
		t.Errorf("%d of 160 passed", n)
	}
	if n := w.passed(t, 1, domain.General, from("192.0.2.1")); n != 1 {
		t.Error("her neighbours at the address pay for her")
	}
}

func TestASharedAddressCountsFiftyfoldAndAKnownUserThereDoesNot(t *testing.T) {
	t.Parallel()
	w := start(t)
	if n := w.passed(t, 6000, domain.General, from("100.64.1.1")); n != 5000 {
		t.Errorf("%d of 6000 passed", n)
	}
	user := domain.Caller{Known: domain.User("bob"), Address: netip.MustParseAddr("100.64.1.1")}
	if n := w.passed(t, 150, domain.General, user); n != 100 {
		t.Errorf("%d of 150 passed", n)
	}
}

func TestWhoKeepsKnockingIsAnsweredWithoutTheSharedCounter(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.passed(t, 101, domain.General, from("192.0.2.1"))
	asked := w.shared.asked.Load()
	first := w.Admit(t.Context(), domain.General, from("192.0.2.1"))
	w.clock.advance(10 * time.Second)
	later := w.Admit(t.Context(), domain.General, from("192.0.2.1"))
	if first.Allowed || first.By != app.Earlier || w.shared.asked.Load() != asked {
		t.Errorf("%+v after %d questions", first, w.shared.asked.Load()-asked)
	}
	if later.RetryAfter != first.RetryAfter-10*time.Second || later.Reset != first.Reset-10*time.Second {
		t.Errorf("ten seconds later the wait went from %s to %s", first.RetryAfter, later.RetryAfter)
	}
	w.clock.advance(later.RetryAfter)
	if !w.Admit(t.Context(), domain.General, from("192.0.2.1")).Allowed {
		t.Error("denied after waiting as told")
	}
}

func TestADenialOfOneClassSaysNothingAboutAnother(t *testing.T) {
	t.Parallel()
	w := start(t)
	if n := w.passed(t, 30, domain.Credentials, from("192.0.2.1")); n != 20 {
		t.Fatalf("%d of 30 passed", n)
	}
	if !w.Admit(t.Context(), domain.General, from("192.0.2.1")).Allowed {
		t.Error("general is denied too")
	}
}

func TestWithoutTheSharedCounterEachGatewayLetsItsShareThrough(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.shared.err = errors.New("connection refused")
	if n := w.passed(t, 50, domain.General, from("192.0.2.1")); n != 25 {
		t.Errorf("%d of 50 passed, want a quarter of 100", n)
	}
	if !w.Degraded() || w.shared.asked.Load() != 1 {
		t.Errorf("degraded %v after %d questions", w.Degraded(), w.shared.asked.Load())
	}
}

func TestTheSharedCounterIsInUseAgainWithinASecond(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.shared.err = errors.New("connection refused")
	w.Admit(t.Context(), domain.General, from("192.0.2.1"))
	w.clock.advance(100 * time.Millisecond)
	w.shared.err = nil
	if got := w.Admit(t.Context(), domain.General, from("192.0.2.1")); got.By != app.Local {
		t.Errorf("asked again at once: %+v", got)
	}
	w.clock.advance(time.Second - 100*time.Millisecond)
	if got := w.Admit(t.Context(), domain.General, from("192.0.2.1")); got.By != app.Shared || w.Degraded() {
		t.Errorf("%+v, degraded %v", got, w.Degraded())
	}
}

func TestAClientThatLeavesIsNoOutage(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.shared.err = context.Canceled
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if w.Admit(ctx, domain.General, from("192.0.2.1")); w.Degraded() {
		t.Error("degraded")
	}
}

func TestWhenNobodyCountsSigningInIsRefusedAndTheRestPasses(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.shared.err, w.local.err = errors.New("away"), errors.New("broken")
	if got := w.Admit(t.Context(), domain.Credentials, from("192.0.2.1")); got.Allowed || got.RetryAfter <= 0 {
		t.Errorf("credentials: %+v", got)
	}
	if got := w.Admit(t.Context(), domain.General, from("192.0.2.1")); !got.Allowed {
		t.Errorf("general: %+v", got)
	}
}

func TestTheLastSlotsAreForEmergencies(t *testing.T) {
	t.Parallel()
	w := start(t)
	enter := func(p domain.Priority) (entered int) {
		for w.Enter(t.Context(), domain.Route{Service: domain.SOS, Priority: p}) {
			entered++
		}
		return entered
	}
	if n := enter(domain.Normal); n != 8 {
		t.Errorf("%d normal requests in ten slots", n)
	}
	if n := enter(domain.Elevated); n != 1 {
		t.Errorf("%d elevated ones beside them", n)
	}
	if n := enter(domain.Emergency); n != 1 || w.InFlight() != 10 {
		t.Errorf("%d emergencies beside them, %d in flight", n, w.InFlight())
	}
	alarm := domain.Route{Service: domain.SOS, Priority: domain.Emergency}
	w.Answered(alarm, w.clock.Now())
	w.Leave()
	if !w.Enter(t.Context(), alarm) {
		t.Error("a slot that was given back is not free")
	}
}

func TestAHoleInTheConfigIsRefused(t *testing.T) {
	t.Parallel()
	if _, err := app.New(app.Config{}); err == nil {
		t.Error("no error")
	}
}
