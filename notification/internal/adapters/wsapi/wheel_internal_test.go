package wsapi

import (
	"math/rand/v2"
	"testing"
	"time"
)

func TestTheWheelCallsEachSocketOnceWhenItIsTime(t *testing.T) {
	t.Parallel()
	w := newWheel()
	due := map[*socket]int64{}
	for range 500 {
		s := &socket{}
		ticks := 1 + rand.Int64N(3*wheelSize)
		w.schedule(s, time.Duration(ticks)*wheelTick)
		due[s] = ticks
	}
	for tick := int64(1); tick <= 3*wheelSize; tick++ {
		for _, s := range w.turn() {
			if due[s] != tick {
				t.Fatalf("called at tick %d, due at %d", tick, due[s])
			}
			delete(due, s)
		}
	}
	if len(due) != 0 {
		t.Errorf("%d were never called", len(due))
	}
}

func TestASocketIsInTheWheelOnce(t *testing.T) {
	t.Parallel()
	w := newWheel()
	moved, cancelled := &socket{}, &socket{}
	for _, d := range []time.Duration{time.Second, time.Minute, 3 * wheelTick} {
		w.schedule(moved, d)
		w.schedule(cancelled, d)
	}
	w.cancel(cancelled)
	w.cancel(cancelled)
	var called []int64
	for tick := int64(1); tick <= 2*wheelSize; tick++ {
		for range w.turn() {
			called = append(called, tick)
		}
	}
	if len(called) != 1 || called[0] != 3 {
		t.Errorf("called at %v, want once at 3", called)
	}
}

func TestAnythingLessThanATickIsTheNextOne(t *testing.T) {
	t.Parallel()
	w := newWheel()
	w.turn()
	for _, d := range []time.Duration{-time.Hour, 0, 1, wheelTick} {
		w.schedule(&socket{}, d)
	}
	if due := w.turn(); len(due) != 4 {
		t.Errorf("%d were called", len(due))
	}
}
