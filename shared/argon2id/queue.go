package argon2id

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/loveapp/backend/shared/fault"
)

// patience is the longest anybody is let wait for their turn. Apps give up after
// 5 s; an answer later than that is work for nobody.
const patience = 3 * time.Second

var errBusy = fault.New(fault.Unavailable, "unavailable", "Too many people are proving who they are at this moment. Try again shortly.")

// queue lets a bounded number of hashes run at once and admits only as many
// waiters as it can serve in time; it refuses the others at once.
type queue struct {
	slots chan struct{}

	mu      sync.Mutex
	inside  int           // running and waiting
	average time.Duration // of one turn, moving
}

func newQueue(slots int, firstTurn time.Duration) *queue {
	return &queue{slots: make(chan struct{}, slots), average: firstTurn}
}

// do runs work when its turn comes. Turns are in order of arrival.
func (q *queue) do(ctx context.Context, work func()) error {
	if !q.reserved(ctx) {
		if err := q.enter(ctx); err != nil {
			return err
		}
		defer q.leave()
	}
	select {
	case q.slots <- struct{}{}:
	case <-ctx.Done():
		return tooLate(ctx)
	}
	defer func() { <-q.slots }()
	if ctx.Err() != nil {
		return tooLate(ctx) // the turn came, but nobody wants it any more
	}
	start := time.Now()
	work()
	q.measured(time.Since(start))
	return nil
}

func tooLate(ctx context.Context) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return errBusy.WithRetryAfter(time.Second).WithCause(ctx.Err())
	}
	return ctx.Err() // the client has left
}

// enter refuses whoever would wait longer than they can or should.
func (q *queue) enter(ctx context.Context) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if err := q.admits(ctx); err != nil {
		return err
	}
	q.inside++
	return nil
}

func (q *queue) admits(ctx context.Context) error {
	turns := q.inside/cap(q.slots) + 1
	wait := time.Duration(turns) * q.average
	most := patience
	if deadline, ok := ctx.Deadline(); ok {
		most = min(most, time.Until(deadline))
	}
	if wait > most && q.inside >= cap(q.slots) {
		return errBusy.WithRetryAfter(max(time.Second, wait))
	}
	return nil
}

func (q *queue) leave() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.inside--
}

// measured follows the machine's speed, an eighth of the way at a time.
func (q *queue) measured(turn time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.average += (turn - q.average) / 8
}
