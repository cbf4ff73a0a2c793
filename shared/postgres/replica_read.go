package postgres

import (
	"context"
	"time"
)

// catchUpLimit is what a read waits for a replica to come as far as it needs: a
// healthy one takes a millisecond or two, and the primary is no further away.
const catchUpLimit = 50 * time.Millisecond

func (r *replica) advance(to position) {
	for {
		known := r.replayed.Load()
		if int64(to) <= known || r.replayed.CompareAndSwap(known, int64(to)) {
			return
		}
	}
}

// reaches waits until the replica shows everything up to the target.
func (r *replica) reaches(ctx context.Context, target position) bool {
	ctx, cancel := context.WithTimeout(ctx, catchUpLimit)
	defer cancel()
	for wait := time.Millisecond; position(r.replayed.Load()) < target; wait *= 2 {
		seen, err := r.look(ctx)
		if err == nil {
			r.advance(seen.At)
		}
		if err != nil || seen.At < target && !pause(ctx, wait) {
			r.slow.Store(true)
			return false
		}
	}
	return true
}

// read uses the pool, until the replica stops answering.
func (r *replica) read(ctx context.Context, use func(context.Context, *Pool) error) error {
	r.mu.Lock()
	life := r.life
	r.mu.Unlock()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(life, cancel)()
	return use(ctx, r.pool)
}
