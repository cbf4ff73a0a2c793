package main

import (
	"time"

	"github.com/loveapp/backend/test/load/internal/meter"
	"github.com/loveapp/backend/test/world"
)

// memory looks at a process's memory five times a second.
type memory struct {
	end  chan struct{}
	peak chan int64
}

func watchMemory(t world.T, pid int) *memory {
	t.Helper()
	m := &memory{end: make(chan struct{}), peak: make(chan int64, 1)}
	go func() {
		tick := time.NewTicker(200 * time.Millisecond)
		defer tick.Stop()
		var peak int64
		for {
			if usage, err := meter.Measure([]int{pid}); err == nil {
				peak = max(peak, usage[pid].RSS)
			}
			select {
			case <-m.end:
				m.peak <- peak
				return
			case <-tick.C:
			}
		}
	}()
	return m
}

// stop gives the most that was seen.
func (m *memory) stop() int64 {
	close(m.end)
	return <-m.peak
}
