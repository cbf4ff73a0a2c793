package app_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/loveapp/backend/notification/internal/app"
	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
	"github.com/loveapp/backend/shared/eventually"
)

// lease is that of what is urgent, and half of it a step of time in which nobody is taken for slow.
const (
	lease  = 800 * time.Millisecond
	stride = lease / 2
)

// watched is an instance's store that counts what it is asked, and may hold what
// was claimed back from who has claimed it.
type watched struct {
	ports.Store
	looks, keeps, settled atomic.Int64
	claimed, goOn         chan struct{} // nil: nothing is held back
}

func (w *watched) Due(ctx context.Context, of []domain.Provider) ([]ports.Queue, error) {
	defer w.looks.Add(1)
	return w.Store.Due(ctx, of)
}

func (w *watched) KeepDeliveries(ctx context.Context, held []ports.Held, lease time.Duration) ([]ports.Held, error) {
	defer w.keeps.Add(1)
	return w.Store.KeepDeliveries(ctx, held, lease)
}

func (w *watched) Settle(ctx context.Context, lease string, outcomes []domain.Outcome) error {
	defer w.settled.Add(1)
	return w.Store.Settle(ctx, lease, outcomes)
}

func (w *watched) ClaimDeliveries(ctx context.Context, from ports.Queue, of ports.Claiming) (ports.DeliveryClaim, error) {
	claim, err := w.Store.ClaimDeliveries(ctx, from, of)
	if w.claimed != nil && len(claim.Works) > 0 {
		close(w.claimed)
		<-w.goOn
	}
	return claim, err
}

// twice waits until something that goes on by itself has begun and ended once more.
func twice(t *testing.T, what string, count *atomic.Int64) {
	t.Helper()
	before := count.Load()
	eventually.True(t, what, func() bool { return count.Load() >= before+2 })
}

func watch(town *town) *watched { return &watched{Store: town.store} }

// inTownTime has instances go by the town's clock.
func inTownTime(town *town) {
	outfit := town.outfit
	town.outfit = func(c *app.Config) {
		outfit(c)
		c.Now = town.clock.now
	}
}

// pass lets time pass so slowly that no instance takes itself for slow.
func pass(t *testing.T, w *town, by time.Duration, at *watched) {
	t.Helper()
	for ; by > 0; by -= stride {
		w.clock.forward(stride)
		twice(t, "it looks at its queues", &at.looks)
	}
}

func TestWhatIsInHandIsNobodyElsesForAsLongAsItsHolderLives(t *testing.T) {
	t.Parallel()
	w := newTown()
	answers := make(chan struct{})
	w.fcm.Answer(func(context.Context, domain.Parcel) error { <-answers; return nil })
	stores := []*watched{watch(w), watch(w)}
	one := w.startOn(t, stores[0], quick())
	one.notify(w.resident(), domain.Critical)
	eventually.True(t, "the provider is asked", func() bool { return w.fcm.Calls() == 1 })
	w.startOn(t, stores[1], quick())
	for range 6 {
		w.clock.forward(stride)
		twice(t, "the holder keeps it", &stores[0].keeps)
		twice(t, "the other one looks for what lies there", &stores[1].looks)
	}
	close(answers)
	w.expect(t, "a push", 1, 0, 0)
	if calls := w.fcm.Calls(); calls != 1 {
		t.Errorf("the provider was asked %d times", calls)
	}
}

func TestWhoStoodStillSendsNothingThatOthersMayHaveSent(t *testing.T) {
	t.Parallel()
	w := newTown()
	inTownTime(w)
	frozen, living := watch(w), watch(w)
	frozen.claimed, frozen.goOn = make(chan struct{}), make(chan struct{})
	one := w.startOn(t, frozen, quick())
	one.notify(w.resident(), domain.Critical)
	<-frozen.claimed
	w.startOn(t, living, quick())
	pass(t, w, 2*lease, living)
	w.expect(t, "the other one takes it over", 1, 0, 0)
	close(frozen.goOn)
	eventually.True(t, "it goes on and gives it up", func() bool { return frozen.settled.Load() > 0 })
	if calls := w.fcm.Calls(); calls != 1 {
		t.Errorf("the provider was asked %d times", calls)
	}
}

func TestAfterAnOutageNobodyIsTakenForDeadAtOnce(t *testing.T) {
	t.Parallel()
	w := newTown()
	inTownTime(w)
	store := watch(w)
	first := w.start(t, quick())
	w.fcm.Fail(domain.Throttled, "later")
	first.notify(w.resident(), domain.Critical)
	eventually.True(t, "the first attempt", func() bool { return w.fcm.Calls() == 1 })
	first.stop()
	w.fcm.Answer(nil)
	w.clock.forward(10 * time.Second)
	urgent := ports.Queue{Provider: domain.FCM, Urgent: true}
	if claim, err := w.store.ClaimDeliveries(t.Context(), urgent, ports.Claiming{Limit: 1, Lease: lease}); err != nil || len(claim.Works) != 1 {
		t.Fatalf("whoever dies has claimed %d, %v", len(claim.Works), err)
	}
	w.startOn(t, store, quick())
	twice(t, "all is well", &store.looks)
	w.store.Begin()
	twice(t, "the store does not answer", &store.looks)
	w.store.End()
	pass(t, w, lease, store)
	if calls := w.fcm.Calls(); calls != 1 {
		t.Fatalf("it is taken over although its holder could not keep it: %d calls", calls)
	}
	pass(t, w, 3*lease, store)
	w.expect(t, "whoever has not kept it by now is dead", 1, 0, 0)
}
