package traffic

import (
	"context"
	"maps"
	"sync"

	"golang.org/x/sync/errgroup"
)

// openCall is a call for help that nobody has closed.
type openCall struct {
	reporter *account
	ticket   string
}

// calls are those that were taken.
type calls struct {
	mu       sync.Mutex
	promises map[string]int64
	open     []openCall
}

func (c *calls) promised(durability string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.promises == nil {
		c.promises = map[string]int64{}
	}
	c.promises[durability]++
}

func (c *calls) leaveOpen(one openCall) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open = append(c.open, one)
}

// Promised are the calls for help that were taken, by what the server says they survive.
func (t *Traffic) Promised() map[string]int64 {
	t.calls.mu.Lock()
	defer t.calls.mu.Unlock()
	return maps.Clone(t.calls.promises)
}

// tidying at once.
const tidying = 8

// TidyUp closes what is open, so that it does not go on alarming people: call
// it when everything has been measured.
func (t *Traffic) TidyUp(ctx context.Context) {
	t.calls.mu.Lock()
	open := t.calls.open
	t.calls.open = nil
	t.calls.mu.Unlock()
	var work errgroup.Group
	work.SetLimit(tidying)
	for _, one := range open {
		work.Go(func() error {
			t.command(ctx, reporterResolves, one.reporter, one.ticket, "resolve")
			return nil
		})
	}
	_ = work.Wait() // what it cannot close is counted like any request
}
