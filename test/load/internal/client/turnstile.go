package client

import (
	"container/list"
	"context"
	"sync"
	"time"
)

// turnstile bounds how many requests are on their way. Of those that wait, the
// newest goes first: with a queue, a server that falls behind once would only
// get requests whose time is nearly up, and would be busy with answers that
// nobody waits for any more. Phones do not queue behind one another.
type turnstile struct {
	mu      sync.Mutex
	free    int
	waiting list.List // of chan struct{}, the newest in front
}

// enter waits for a slot until the deadline.
func (t *turnstile) enter(ctx context.Context, deadline time.Time) error {
	turn, place := t.queue()
	if place == nil {
		return nil
	}
	late := time.NewTimer(time.Until(deadline))
	defer late.Stop()
	select {
	case <-turn:
		return nil
	case <-late.C:
		return t.giveUp(turn, place, ErrTimeout)
	case <-ctx.Done():
		return t.giveUp(turn, place, ctx.Err())
	}
}

// queue takes a free slot, and gives no place then.
func (t *turnstile) queue() (turn chan struct{}, place *list.Element) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.free > 0 {
		t.free--
		return nil, nil
	}
	turn = make(chan struct{})
	return turn, t.waiting.PushFront(turn)
}

func (t *turnstile) giveUp(turn chan struct{}, place *list.Element, why error) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	select {
	case <-turn: // it came at the same moment
		return nil
	default:
		t.waiting.Remove(place)
		return why
	}
}

// leave gives the slot to the newest that waits.
func (t *turnstile) leave() {
	t.mu.Lock()
	defer t.mu.Unlock()
	next := t.waiting.Front()
	if next == nil {
		t.free++
		return
	}
	close(t.waiting.Remove(next).(chan struct{})) //nolint:forcetypeassert // the list holds nothing else
}
