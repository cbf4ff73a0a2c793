package postgres

import "sync"

// errands are goroutines that are waited for at the end. None begins after it.
type errands struct {
	mu      sync.Mutex
	over    bool
	running sync.WaitGroup
}

// run reports false when the end has come.
func (e *errands) run(work func()) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.over {
		return false
	}
	e.running.Go(work)
	return true
}

func (e *errands) end() {
	e.mu.Lock()
	e.over = true
	e.mu.Unlock()
	e.running.Wait()
}
