package app_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/loveapp/backend/sos/internal/app"
	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

// wind runs clockworks until the test ends, and gives how late each timer was.
func (h house) wind(timers ports.Timers, n int) (fired func() (count int, latest time.Duration)) {
	h.tb.Helper()
	var mu sync.Mutex
	var count int
	var latest time.Duration
	telemetry := app.Telemetry{Fired: func(_ domain.TimerKind, late time.Duration) {
		mu.Lock()
		defer mu.Unlock()
		count, latest = count+1, max(latest, late)
	}}
	ctx, cancel := context.WithCancel(context.Background())
	var group sync.WaitGroup
	for range n {
		w := app.NewClockwork(timers, h.Live, slog.New(slog.DiscardHandler), telemetry)
		group.Go(func() { _ = w.Run(ctx) })
	}
	h.tb.Cleanup(func() {
		cancel()
		group.Wait()
	})
	return func() (int, time.Duration) {
		mu.Lock()
		defer mu.Unlock()
		return count, latest
	}
}

func TestEachLevelIsToldOnceByAnyNumberOfEngines(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, p, c := newHouse(t, nil), &postman{}, &tally{}
		fired := h.wind(h.store, 3)
		h.dispatch(p, c)
		for i := range 20 {
			h.trust(fmt.Sprint("owner", i), "mum")
			h.press(fmt.Sprint("owner", i), "k")
		}
		pass(3 * time.Minute)
		synctest.Wait()
		if n, latest := fired(); n != 40 || latest > 300*time.Millisecond {
			t.Errorf("%d steps, the latest after %v", n, latest)
		}
		alarms := 0
		for _, a := range p.Taken() {
			if a.Alarm() {
				alarms++
			}
		}
		if alarms != 60 {
			t.Errorf("%d alarms", alarms)
		}
	})
}

func TestWhatBecameDueWhileNobodyLookedIsDoneAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, nil)
		h.trust("ann", "mum")
		ticket := h.press("ann", "k")
		h.store.SetAway(true)
		fired := h.wind(h.store, 1)
		pass(10 * time.Minute)
		h.store.SetAway(false)
		pass(time.Second)
		if n, latest := fired(); n != 2 || latest < 9*time.Minute {
			t.Errorf("%d steps, the latest after %v", n, latest)
		}
		if got, err := h.Ticket(t.Context(), domain.Caller{User: "ann"}, ticket.ID); err != nil || got.EscalationLevel != 2 {
			t.Errorf("level %d (%v)", got.EscalationLevel, err)
		}
	})
}

// knotted are timers of which one ticket's cannot be ended.
type knotted struct {
	ports.Timers
	bad domain.TicketID
}

var errKnot = errors.New("this ticket is in disorder")

func (k knotted) Fire(ctx context.Context, aside []domain.TicketID, end func(*domain.Case, time.Time) error) (domain.TicketID, error) {
	return k.Timers.Fire(ctx, aside, func(c *domain.Case, now time.Time) error {
		if c.Ticket.ID == k.bad {
			return errKnot
		}
		return end(c, now)
	})
}

func TestATicketInDisorderHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, nil)
		h.trust("ann", "mum")
		h.trust("eve", "mum")
		bad := h.press("ann", "k")
		pass(time.Second)
		good := h.press("eve", "k")
		h.wind(knotted{h.store, bad.ID}, 1)
		pass(3 * time.Minute)
		if got, err := h.Ticket(t.Context(), domain.Caller{User: "eve"}, good.ID); err != nil || got.EscalationLevel != 2 {
			t.Errorf("the other stands at level %d (%v)", got.EscalationLevel, err)
		}
	})
}
