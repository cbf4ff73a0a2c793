package postgres

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestAnAnswerWasAskedForAfterWhoeverGetsItCame(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var written atomic.Int64
		questions := 0
		h := &horizon{ask: func() (sighting, error) {
			questions++
			seen := sighting{At: position(written.Load())}
			time.Sleep(time.Millisecond) // the way back
			return seen, nil
		}}
		var clients sync.WaitGroup
		for client := range 50 {
			clients.Go(func() {
				time.Sleep(time.Duration(client) * 100 * time.Microsecond)
				mine := written.Add(1)
				if seen, err := h.now(t.Context()); err != nil || int64(seen.At) < mine {
					t.Errorf("whoever wrote %d is told %d, %v", mine, seen.At, err)
				}
			})
		}
		clients.Wait()
		if questions > 10 {
			t.Errorf("50 clients in 5 ms made %d questions of 1 ms", questions)
		}
	})
}

func TestWhoeverIsTiredOfWaitingLeavesAndTheOthersAreAnswered(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := &horizon{ask: func() (sighting, error) {
			time.Sleep(time.Second)
			return sighting{}, errFrozen
		}}
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if _, err := h.now(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		if _, err := h.now(t.Context()); !errors.Is(err, errFrozen) {
			t.Errorf("got %v", err)
		}
		h.asking.end()
		if _, err := h.now(t.Context()); !errors.Is(err, sql.ErrConnDone) {
			t.Errorf("after the end: %v", err)
		}
	})
}

var errFrozen = errors.New("frozen")
