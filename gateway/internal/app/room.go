package app

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/loveapp/backend/gateway/internal/domain"
)

// room is how many requests may wait for one service's answer, which follows
// how fast it answers. Whoever finds it full waits for a place, in the order of
// coming, until one has waited in vain; from then on nobody does, until there
// has been a place for everybody for a while.
type room struct {
	least, most int
	size        atomic.Int64
	inFlight    atomic.Int64
	impatient   atomic.Bool
	fixed       bool // it does not follow, and nobody waits

	mu      sync.Mutex // held by whoever gives places back
	waiting []*waiter
	seen    domain.Sight
	since   time.Time // whoever entered earlier tells about the room as it was before
}

// waiter is a request that wants a place.
type waiter struct {
	called chan struct{} // closed when it has one
	gone   bool
}

func newRoom(gateways, most int) *room {
	r := &room{least: min(domain.LeastRoom(gateways), most), most: most}
	r.size.Store(int64(min(domain.FirstRoom(gateways), most)))
	return r
}

// newFixedRoom is as large as it is, however slow the answers.
func newFixedRoom(size int) *room {
	r := &room{fixed: true}
	r.size.Store(int64(size))
	r.impatient.Store(true)
	return r
}

// enter takes a place, which leave gives back.
func (r *room) enter(ctx context.Context) bool {
	if r.take() {
		return true
	}
	if r.impatient.Load() {
		return false
	}
	w := r.queue()
	if w == nil {
		return true
	}
	patience := time.NewTimer(domain.RoomPatience)
	defer patience.Stop()
	select {
	case <-w.called:
		return true
	case <-patience.C:
		r.impatient.Store(true)
	case <-ctx.Done():
	}
	return !r.giveUp(w)
}

// take takes a place where one is free.
func (r *room) take() bool {
	for {
		n := r.inFlight.Load()
		if n >= r.size.Load() {
			return false
		}
		if r.inFlight.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

// queue is the place in the queue; nil where a place in the room got free meanwhile.
func (r *room) queue() *waiter {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.take() {
		return nil
	}
	w := &waiter{called: make(chan struct{})}
	r.waiting = append(r.waiting, w)
	return w
}

// giveUp tells whether the waiter was not called before.
func (r *room) giveUp(w *waiter) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	select {
	case <-w.called:
		return false
	default:
		w.gone = true
		return true
	}
}

// full tells whether whoever comes would be sent away at once.
func (r *room) full() bool { return r.impatient.Load() && r.inFlight.Load() >= r.size.Load() }

// leave gives the place back and learns from how long it was taken.
func (r *room) leave(entered, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	beside := int(r.inFlight.Add(-1)) + 1
	if !r.fixed && !entered.Before(r.since) {
		r.learn(beside, now.Sub(entered), now)
	}
	r.call()
}

func (r *room) learn(beside int, took time.Duration, now time.Time) {
	r.seen.Answers++
	r.seen.Peak = max(r.seen.Peak, beside)
	r.seen.Total += took
	if took > domain.FullAfter {
		r.seen.Slow++
	}
	if r.seen.Answers < domain.FewestSeen || now.Sub(r.since) < domain.SightEvery {
		return
	}
	size := int(r.size.Load())
	if r.seen.Peak < size {
		r.impatient.Store(false)
	}
	r.size.Store(int64(r.seen.NextRoom(size, r.least, r.most)))
	r.seen, r.since = domain.Sight{}, now
}

// call gives the places that are free to those who wait.
func (r *room) call() {
	for len(r.waiting) > 0 {
		w := r.waiting[0]
		if !w.gone {
			if !r.take() {
				return
			}
			close(w.called)
		}
		r.waiting[0], r.waiting = nil, r.waiting[1:]
	}
}
