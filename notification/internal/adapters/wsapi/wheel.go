package wsapi

import (
	"context"
	"sync"
	"time"
)

const (
	// wheelTick is how late something may happen.
	wheelTick = 50 * time.Millisecond
	wheelSize = 1024 // slots: one turn takes 51 s, beyond every interval but a token's life
)

// wheel calls sockets when it is time to look after them. One timer serves all
// of them: thousands of runtime timers would cost more memory than the sockets.
type wheel struct {
	mu    sync.Mutex
	now   int64 // ticks so far
	slots [wheelSize]timer
}

// timer is a socket's place in the wheel, one of a ring.
type timer struct {
	next, prev *timer
	due        int64 // tick
	owner      *socket
}

func newWheel() *wheel {
	w := &wheel{}
	for i := range w.slots {
		w.slots[i].next, w.slots[i].prev = &w.slots[i], &w.slots[i]
	}
	return w
}

// schedule has s looked after once, after d, and at no other time.
func (w *wheel) schedule(s *socket, d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	s.timer.unlink()
	s.timer.owner = s
	s.timer.due = w.now + max(1, int64((d+wheelTick-1)/wheelTick))
	ring := &w.slots[s.timer.due%wheelSize]
	s.timer.next, s.timer.prev = ring, ring.prev
	ring.prev.next, ring.prev = &s.timer, &s.timer
}

// cancel forgets s.
func (w *wheel) cancel(s *socket) {
	w.mu.Lock()
	defer w.mu.Unlock()
	s.timer.unlink()
}

func (t *timer) unlink() {
	if t.next != nil {
		t.next.prev, t.prev.next = t.prev, t.next
		t.next, t.prev = nil, nil
	}
}

// turn moves on by one tick and gives those whose time has come.
func (w *wheel) turn() []*socket {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now++
	ring := &w.slots[w.now%wheelSize]
	var due []*socket
	for t := ring.next; t != ring; {
		next := t.next
		if t.due <= w.now {
			t.unlink()
			due = append(due, t.owner)
		}
		t = next
	}
	return due
}

// run turns until ctx ends. After a pause of the process it catches up.
func (w *wheel) run(ctx context.Context) {
	start := time.Now()
	tick := time.NewTicker(wheelTick)
	defer tick.Stop()
	for turns := int64(0); ; {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		for want := int64(time.Since(start) / wheelTick); turns < want; turns++ {
			for _, s := range w.turn() {
				s.lookAfter()
			}
		}
	}
}
