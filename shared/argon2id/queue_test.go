package argon2id_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/loveapp/backend/shared/argon2id"
	"github.com/loveapp/backend/shared/fault"
)

const turn = 100 * time.Millisecond

// hash takes a turn, on synctest's clock, which jumps: nobody waits.
func hash() { time.Sleep(turn) }

// enter queues n turns, each a moment after the other, and gives how each ended and when.
func enter(ctx context.Context, q *argon2id.Queue, n int) (errs []error, took []time.Duration, most int) {
	var mu sync.Mutex
	var group sync.WaitGroup
	running := 0
	errs, took = make([]error, n), make([]time.Duration, n)
	for i := range n {
		group.Go(func() {
			start := time.Now()
			errs[i] = q.Do(ctx, func() {
				mu.Lock()
				running++
				most = max(most, running)
				mu.Unlock()
				hash()
				mu.Lock()
				running--
				mu.Unlock()
			})
			took[i] = time.Since(start)
		})
		synctest.Wait()
	}
	group.Wait()
	return errs, took, most
}

func refused(errs []error) (n int) {
	for _, err := range errs {
		if err != nil {
			n++
		}
	}
	return n
}

func TestNoMoreHashesRunAtOnceThanThereAreSlots(t *testing.T) {
	t.Parallel()
	for _, slots := range []int{1, 3} {
		synctest.Test(t, func(t *testing.T) {
			errs, took, most := enter(t.Context(), argon2id.NewQueue(slots, turn), 12)
			if refused(errs) != 0 || most != slots {
				t.Errorf("%d slots: %d at once, %v", slots, most, errs)
			}
			if !slices.IsSorted(took) {
				t.Errorf("%d slots: not in order of arrival: %v", slots, took)
			}
		})
	}
}

func TestAReservedPlaceIsGoodForOneTurn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := argon2id.NewQueue(1, turn)
		const fits = 30 // turns within 3 s
		var reserved []context.Context
		var leaves []func()
		for range fits {
			ctx, leave, err := q.Reserve(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			reserved, leaves = append(reserved, ctx), append(leaves, leave)
		}
		for what, err := range map[string]error{
			"another place": second(q.Reserve(t.Context())), "a turn without one": q.Do(t.Context(), func() {}),
		} {
			if e := fault.From(err); e == nil || e.Kind != fault.Unavailable || e.RetryAfter < time.Second {
				t.Errorf("%s in a full queue: %v", what, err)
			}
		}
		if err := q.Do(reserved[0], hash); err != nil {
			t.Errorf("a turn with a place in a full queue: %v", err)
		}
		if err := q.Do(reserved[0], func() {}); fault.From(err) == nil {
			t.Error("a place is good for a second turn")
		}
		for _, leave := range leaves {
			leave()
			leave() // again is no harm
		}
		if errs, _, _ := enter(t.Context(), q, fits); refused(errs) != 0 {
			t.Errorf("after all have left: %v", errs)
		}
		if errs, _, _ := enter(t.Context(), q, 2*fits); refused(errs) == 0 {
			t.Error("more have left than came")
		}
	})
}

func second(_ context.Context, _ func(), err error) error { return err }

func TestWhoWouldWaitTooLongIsRefusedAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		errs, took, _ := enter(t.Context(), argon2id.NewQueue(1, turn), 200)
		if n := refused(errs); n != 170 { // 30 turns fit into 3 s
			t.Fatalf("%d were refused", n)
		}
		for i, err := range errs {
			if err == nil && took[i] > 3*time.Second {
				t.Errorf("the %d. waited %s", i, took[i])
			}
			if err == nil {
				continue
			}
			e := fault.From(err)
			if took[i] != 0 || e.Kind != fault.Unavailable || e.RetryAfter < time.Second || e.RetryAfter > 4*time.Second {
				t.Errorf("the %d. was refused after %s: %v, retry after %s", i, took[i], err, e.RetryAfter)
			}
		}
	})
}

func TestWhoHasLessTimeIsRefusedSooner(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*turn/2)
		defer cancel()
		if errs, _, _ := enter(ctx, argon2id.NewQueue(1, turn), 10); refused(errs) != 8 {
			t.Fatalf("%v", errs)
		}
	})
}

func TestATurnThatComesTooLateIsNotTaken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := argon2id.NewQueue(1, time.Millisecond) // it expects quick turns, and is wrong
		ctx, cancel := context.WithTimeout(t.Context(), 5*turn/2)
		defer cancel()
		errs, took, _ := enter(ctx, q, 5)
		if refused(errs) != 2 {
			t.Fatalf("%v", errs)
		}
		for i, err := range errs[3:] {
			if fault.From(err).Kind != fault.Unavailable || took[3+i] != 5*turn/2 {
				t.Errorf("%v after %s", err, took[3+i])
			}
		}
		if err := q.Do(t.Context(), func() {}); err != nil {
			t.Errorf("those who left still stand in the queue: %v", err)
		}
	})
}

func TestOneIsAlwaysServedHoweverSlowTheMachineSeems(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := argon2id.NewQueue(1, time.Hour)
		for range 100 { // and each turn corrects what the queue believes
			if err := q.Do(t.Context(), hash); err != nil {
				t.Fatal(err)
			}
		}
		if errs, _, _ := enter(t.Context(), q, 10); refused(errs) != 0 {
			t.Fatalf("%v", errs)
		}
	})
}

func TestWhoLeavesIsToldNothing(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := argon2id.NewQueue(1, turn).Do(ctx, func() { t.Error("worked for nobody") }); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
}
