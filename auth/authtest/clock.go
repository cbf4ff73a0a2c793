package authtest

import (
	"sync"
	"time"
)

// Advance moves the service's clock, and with it every promise about time.
func (a *Auth) Advance(d time.Duration) { a.store.clock.advance(d) }

// Now is the service's time.
func (a *Auth) Now() time.Time { return a.store.clock.now() }

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
