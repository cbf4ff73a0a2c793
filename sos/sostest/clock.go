package sostest

import (
	"context"
	"sync"
	"time"
)

// Advance moves the service's clock, and with it every promise about time:
// access tokens made before expire too. Timers that are over then (countdowns,
// steps of escalations) have ended when it returns, and what is to be sent again is due.
func (s *SOS) Advance(d time.Duration) {
	s.tb.Helper()
	s.clock.advance(d)
	if err := s.service.EndTimers(context.Background()); err != nil {
		s.tb.Errorf("end timers: %v", err)
	}
	s.store.Wake()
}

// clock runs with the machine's, ahead of it by what tests have advanced.
type clock struct {
	start time.Time
	mu    sync.Mutex
	ahead time.Duration
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.start.Add(time.Since(c.start)).Add(c.ahead)
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += d
}
