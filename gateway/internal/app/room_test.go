package app_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/loveapp/backend/gateway/internal/app"
	"github.com/loveapp/backend/gateway/internal/domain"
)

// reading is what is held to the room of its service.
var reading = domain.Route{Service: domain.Notification, Class: domain.General} //nolint:gochecknoglobals // a constant

// roomy is one gateway of its own, with so many slots.
func roomy(slots int) func(*app.Config) {
	return func(c *app.Config) { c.InFlight, c.Gateways = slots, 1 }
}

// inTime runs the test in time that passes at once while everybody waits.
func inTime(t *testing.T, slots int, test func(t *testing.T, w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		test(t, start(t, roomy(slots), func(c *app.Config) { c.Now = time.Now }))
	})
}

// fill enters for as long as there is a place.
func (w *world) fill(t *testing.T, r domain.Route) (entered int) {
	t.Helper()
	for w.Enter(t.Context(), r) {
		entered++
	}
	return entered
}

// answer has so many requests answered after the time.
func (w *world) answer(n int, took time.Duration) {
	began := time.Now()
	time.Sleep(took)
	for range n {
		w.leave(reading, began)
	}
}

func TestASlowServiceGetsFewerRequestsAtOnceAndAlarmsNoneFewer(t *testing.T) {
	t.Parallel()
	inTime(t, 1000, func(t *testing.T, w *world) {
		if n := w.fill(t, reading); n != 48 {
			t.Fatalf("the room begins with %d", n)
		}
		w.answer(48, time.Millisecond) // all of it was used, and was fast
		if room := w.Room(domain.Notification); room != 72 {
			t.Fatalf("after fast answers there is room for %d", room)
		}
		if n := w.fill(t, reading); n != 72 {
			t.Fatalf("%d entered", n)
		}
		w.answer(72, domain.FullAfter+domain.SightEvery)
		if room := w.Room(domain.Notification); room != 36 {
			t.Errorf("after slow answers there is room for %d", room)
		}
		if n := w.fill(t, reading); n != 36 || !w.Full(reading) {
			t.Errorf("%d entered", n)
		}
		for name, r := range map[string]domain.Route{
			"an alarm":          {Service: domain.Notification, Priority: domain.Emergency},
			"signing in":        {Service: domain.Notification, Class: domain.Credentials},
			"a stream":          {Service: domain.Notification, Kind: domain.Events},
			"another service's": {Service: domain.SOS, Class: domain.General},
		} {
			if w.Full(r) || !w.Enter(t.Context(), r) {
				t.Errorf("%s is kept out", name)
			}
		}
	})
}

func TestAShortRushWaitsForPlacesInsteadOfBeingSentAway(t *testing.T) {
	t.Parallel()
	inTime(t, 1000, func(t *testing.T, w *world) {
		done := make(chan bool)
		const rush = 400
		for range rush {
			go func() {
				entered := w.Enter(t.Context(), reading)
				if began := time.Now(); entered {
					time.Sleep(10 * time.Millisecond)
					w.leave(reading, began)
				}
				done <- entered
			}()
		}
		for range rush {
			if !<-done {
				t.Fatal("one was sent away")
			}
		}
		if n := w.InFlight(); n != 0 {
			t.Errorf("%d slots are taken", n)
		}
	})
}

func TestWhenOneHasWaitedInVainTheNextAreSentAwayAtOnceUntilThereIsAPlaceForAll(t *testing.T) {
	t.Parallel()
	inTime(t, 1000, func(t *testing.T, w *world) {
		began := time.Now()
		for range 48 {
			w.Enter(t.Context(), reading)
		}
		if w.Full(reading) {
			t.Error("nobody may wait")
		}
		if w.Enter(t.Context(), reading) || time.Since(began) != domain.RoomPatience {
			t.Errorf("sent away after %s", time.Since(began))
		}
		if w.Enter(t.Context(), reading) || time.Since(began) != domain.RoomPatience || !w.Full(reading) {
			t.Errorf("the next one waits until %s", time.Since(began))
		}
		w.answer(48, time.Millisecond)
		for range 20 { // as many as say something
			w.Enter(t.Context(), reading)
		}
		w.answer(20, domain.SightEvery)
		for range w.Room(domain.Notification) {
			w.Enter(t.Context(), reading)
		}
		if w.Full(reading) {
			t.Error("still nobody may wait, though there was a place for everybody")
		}
	})
}

func TestAClientThatLeavesTheQueueLeavesItsPlaceToOthers(t *testing.T) {
	t.Parallel()
	inTime(t, 1000, func(t *testing.T, w *world) {
		began := time.Now()
		for range 48 {
			w.Enter(t.Context(), reading)
		}
		ctx, leave := context.WithCancel(t.Context())
		entered := make(chan bool, 2)
		go func() { entered <- w.Enter(ctx, reading) }()
		synctest.Wait()
		go func() { entered <- w.Enter(t.Context(), reading) }()
		synctest.Wait()
		leave()
		if <-entered {
			t.Error("who left has a place")
		}
		w.leave(reading, began)
		if !<-entered {
			t.Error("the next one has none")
		}
		if n := w.InFlight(); n != 48 {
			t.Errorf("%d slots are taken", n)
		}
	})
}

func TestHowLongAClientReadsSaysNothingOfTheService(t *testing.T) {
	t.Parallel()
	inTime(t, 60, func(t *testing.T, w *world) {
		const slots = 48 // of 60 there are these for what is neither elevated nor an emergency
		began := time.Now()
		if n := w.fill(t, reading); n != slots {
			t.Fatalf("there is room for %d", n)
		}
		time.Sleep(domain.FullAfter - time.Millisecond)
		for range slots {
			w.Answered(reading, began)
		}
		if n := w.InFlight(); n != slots || w.Enter(t.Context(), reading) {
			t.Errorf("%d slots are taken while all are read", n)
		}
		time.Sleep(time.Minute)
		for range slots {
			w.Leave()
		}
		if n, room := w.InFlight(), w.Room(domain.Notification); n != 0 || room < slots {
			t.Errorf("%d slots are taken and there is room for %d after all were read slowly", n, room)
		}
	})
}

func TestAnAnswerThatIsReadTakesNoRoom(t *testing.T) {
	t.Parallel()
	inTime(t, 200, func(t *testing.T, w *world) {
		for i := range 2 * w.Room(domain.Notification) {
			if w.Full(reading) || !w.Enter(t.Context(), reading) {
				t.Fatalf("there is no room beside %d that are read", i)
			}
			w.Answered(reading, time.Now())
		}
	})
}

// The monolith is as slow as it has always been, and nobody waits for it.
func TestTheMonolithsRoomIsAsLargeAsItIs(t *testing.T) {
	t.Parallel()
	inTime(t, 100, func(t *testing.T, w *world) {
		began := time.Now()
		legacy := domain.LegacyRoute()
		if n := w.fill(t, legacy); n != 25 || time.Since(began) != 0 || !w.Full(legacy) {
			t.Errorf("%d entered in %s", n, time.Since(began))
		}
	})
}
