package postgres

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

const (
	// groupsAtOnce are stored side by side, of at most groupSize presses each. Where
	// there are fewer presses than that, each is a group of its own and waits for
	// nobody; where there are more, those that wait are stored together, for what
	// one costs: a transaction takes six round trips and a commit, however many are in it.
	groupsAtOnce = 4
	groupSize    = 32
	// groupLimit bounds one, and stuckAfter is when it counts as one that never ends,
	// on a connection to a server that is gone: another one takes its place.
	groupLimit = 2 * time.Second
	stuckAfter = groupLimit + time.Second/2
)

// waiting is a press in the queue.
type waiting struct {
	at   ports.PressAddress
	take func(domain.Desk) (*domain.Case, bool, error)
	ctx  context.Context //nolint:containedctx // of the one who waits
	done chan outcome    // holds one
}

// outcome is what became of a press.
type outcome struct {
	result domain.Case
	err    error
	// alone: it was not stored, and is to be stored in a transaction of its own.
	alone bool
}

// pressQueue is presses that wait to be stored, first come, first served.
type pressQueue struct {
	mu       sync.Mutex
	waiting  []*waiting
	carriers int           // who store groups; each ends when nobody waits
	limit    time.Duration // of one group
	stuck    time.Duration // after which a carrier is replaced
}

// join appends a press. start runs another carrier.
func (q *pressQueue) join(w *waiting, start func()) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting = append(q.waiting, w)
	q.staff(start)
}

func (q *pressQueue) staff(start func()) {
	if len(q.waiting) > 0 && q.carriers < groupsAtOnce {
		q.carriers++
		start()
	}
}

// leave takes a press out again; false where somebody has it in their hands.
func (q *pressQueue) leave(w *waiting) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	i := slices.Index(q.waiting, w)
	if i >= 0 {
		q.waiting = slices.Delete(q.waiting, i, i+1)
	}
	return i >= 0
}

// next is a carrier's next group, in which nobody is twice. Where nobody waits
// it is empty, and the carrier's work is over.
func (q *pressQueue) next() []*waiting {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) == 0 {
		q.carriers--
		return nil
	}
	var group, later []*waiting
	reporters := make(map[domain.UserID]bool, groupSize)
	for i, w := range q.waiting {
		if len(group) == groupSize {
			later = append(later, q.waiting[i:]...)
			break
		}
		if reporters[w.at.Reporter] {
			later = append(later, w)
			continue
		}
		reporters[w.at.Reporter] = true
		group = append(group, w)
	}
	q.waiting = later
	return group
}

// replace gives the place of a carrier that is stuck to another.
func (q *pressQueue) replace(start func()) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.carriers--
	q.staff(start)
}

// together has the press stored with those that wait beside it.
func (s *Store) together(ctx context.Context, at ports.PressAddress, take func(domain.Desk) (*domain.Case, bool, error)) outcome {
	w := &waiting{at: at, take: take, ctx: ctx, done: make(chan outcome, 1)}
	s.presses.join(w, s.startCarrier)
	early, cancel := withoutInside(ctx)
	defer cancel()
	select {
	case o := <-w.done:
		return o
	case <-early.Done():
		if s.presses.leave(w) {
			return outcome{err: early.Err()}
		}
	}
	select {
	case o := <-w.done:
		return o
	case <-ctx.Done():
		return outcome{err: ctx.Err()}
	}
}

// withoutInside ends as long before ctx as whoever comes in must still have.
func withoutInside(ctx context.Context) (context.Context, context.CancelFunc) {
	if deadline, ok := ctx.Deadline(); ok {
		return context.WithDeadline(ctx, deadline.Add(-inside))
	}
	return context.WithCancel(ctx)
}

func (s *Store) startCarrier() { s.working.Go(s.carry) }

// carry stores groups until nobody waits.
func (s *Store) carry() {
	for group := s.presses.next(); len(group) > 0; group = s.presses.next() {
		stuck := time.AfterFunc(s.presses.stuck, func() { s.presses.replace(s.startCarrier) })
		if len(group) == 1 {
			group[0].done <- s.pressAlone(group[0].ctx, group[0].at, group[0].take, tryTurn)
		} else {
			s.pressTogether(group)
		}
		if !stuck.Stop() {
			return // somebody else has this one's place
		}
	}
}
