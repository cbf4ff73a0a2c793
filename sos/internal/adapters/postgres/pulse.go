package postgres

import (
	"context"
	"sync/atomic"
	"time"

	shared "github.com/loveapp/backend/shared/postgres"
)

// reachLimit is how long a press waits for a sign of life from the database:
// a phone must know within 300 ms that it has to dial.
const reachLimit = 250 * time.Millisecond

// pulse notes when the database last answered a press. While it does, a press
// that waits for a connection waits in a queue that moves, and is not given up.
type pulse struct{ last atomic.Int64 }

func (p *pulse) beat() { p.last.Store(time.Now().UnixNano()) }

// left is how long until the database counts as gone; 0 or less when it does.
func (p *pulse) left(since time.Time) time.Duration {
	last := time.Unix(0, p.last.Load())
	if last.Before(since) {
		last = since
	}
	return reachLimit - time.Since(last)
}

// reached runs work and gives up on it when the database shows no life or ctx
// ends. work runs on a goroutine of its own, because a query to a server that
// has frozen or vanished returns only when TCP gives up; there are never more
// of those than connections in the pool, and Close waits for them.
func (s *Store) reached(ctx context.Context, work func(ctx context.Context) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	start, done := time.Now(), make(chan error, 1)
	s.pressing.Go(func() { done <- work(ctx) })
	silence := time.NewTimer(reachLimit)
	defer silence.Stop()
	for {
		select {
		case err := <-done:
			return err
		case <-ctx.Done():
			return shared.Classify(ctx.Err())
		case <-silence.C:
			left := s.pulse.left(start)
			if left <= 0 {
				return shared.Classify(context.DeadlineExceeded)
			}
			silence.Reset(left)
		}
	}
}
