package postgres

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	shared "github.com/loveapp/backend/shared/postgres"
)

// defaultReach is how long a press waits for a sign of life from the database:
// a phone must know within 300 ms that it has to dial.
const defaultReach = 250 * time.Millisecond

// Pulse notes when the database last answered anything. While it does, a press
// that waits for a connection waits in a queue that moves, and is not given up.
type Pulse struct{ last atomic.Int64 }

// Observe is for the database's own Config.Observe.
func (p *Pulse) Observe(_ string, _ time.Duration, err error) {
	if err == nil {
		p.last.Store(time.Now().UnixNano())
	}
}

// silent is for how long there has been no sign of life since the moment.
func (p *Pulse) silent(since time.Time) time.Duration {
	if last := time.Unix(0, p.last.Load()); last.After(since) {
		since = last
	}
	return time.Since(since)
}

var errSilent = fmt.Errorf("the database shows no sign of life: %w", context.DeadlineExceeded)

// reached runs work and gives up on it when the database shows no life or ctx
// ends. work runs on a goroutine of its own, because a query to a server that
// has frozen or vanished returns only when TCP gives up; there are never more
// of those than connections in the pool, and Close waits for them.
func (s *Store) reached(ctx context.Context, work func(ctx context.Context) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	start, done := time.Now(), make(chan error, 1)
	s.working.Go(func() { done <- work(ctx) })
	due := start.Add(s.reach)
	silence := time.NewTimer(s.reach)
	defer silence.Stop()
	for {
		select {
		case err := <-done:
			return err
		case <-ctx.Done():
			return shared.Classify(ctx.Err())
		case <-silence.C:
			wait := s.reach - s.pulse.silent(start)
			if time.Since(due) > s.reach/10 {
				wait = s.reach // this machine was too busy to wake us in time: that is no dead database
			}
			if wait <= 0 {
				return shared.Classify(errSilent)
			}
			due = time.Now().Add(wait)
			silence.Reset(wait)
		}
	}
}
