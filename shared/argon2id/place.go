package argon2id

import (
	"context"
	"sync"
	"sync/atomic"
)

// place in the queue is good for one turn.
type place struct {
	queue *queue
	taken atomic.Bool
}

type placeKey struct{}

// Reserve takes a place in the queue, for whoever has something to do before
// Hash or Check that a crowd must not cost. It fails as they do for want of a
// turn. One of them may be called with the context that it gives, and has its
// place already; leave gives it back, and may be called again.
func (h *Hasher) Reserve(ctx context.Context) (reserved context.Context, leave func(), err error) {
	return h.queue.reserve(ctx)
}

func (q *queue) reserve(ctx context.Context) (reserved context.Context, leave func(), err error) {
	if err := q.enter(ctx); err != nil {
		return ctx, func() {}, err
	}
	return context.WithValue(ctx, placeKey{}, &place{queue: q}), sync.OnceFunc(q.leave), nil
}

// reserved takes up the place that ctx brings, if it does.
func (q *queue) reserved(ctx context.Context) bool {
	p, ok := ctx.Value(placeKey{}).(*place)
	return ok && p.queue == q && p.taken.CompareAndSwap(false, true)
}
