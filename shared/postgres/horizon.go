package postgres

import (
	"context"
	"database/sql"
	"sync"
)

// horizon answers many who want to know where a server is with one question.
// Whoever comes while one is out waits for the next: an answer to a question
// from before they came might miss what they have just written.
type horizon struct {
	ask    func() (sighting, error)
	mu     sync.Mutex
	next   *question // nobody waits: nil
	busy   bool
	asking errands
}

type question struct {
	answered chan struct{}
	seen     sighting
	err      error
}

func (h *horizon) now(ctx context.Context) (sighting, error) {
	q := h.join()
	select {
	case <-q.answered:
		return q.seen, q.err
	case <-ctx.Done():
		return sighting{}, Classify(ctx.Err())
	}
}

func (h *horizon) join() *question {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.next == nil {
		h.next = &question{answered: make(chan struct{})}
	}
	q := h.next
	if !h.busy {
		if h.busy = h.asking.run(h.answer); !h.busy {
			q.err = sql.ErrConnDone
			close(q.answered)
			h.next = nil
		}
	}
	return q
}

func (h *horizon) answer() {
	for {
		h.mu.Lock()
		q := h.next
		h.next = nil
		h.busy = q != nil
		h.mu.Unlock()
		if q == nil {
			return
		}
		q.seen, q.err = h.ask()
		close(q.answered)
	}
}
