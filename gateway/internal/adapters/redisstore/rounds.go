package redisstore

import (
	"context"
	"sync"
	"time"

	"github.com/loveapp/backend/shared/redispool"
)

const (
	// maxRounds are under way at the same time; two, so that one is on the wire while the other is counted.
	maxRounds = 2
	maxCalls  = 128 // in one round
)

// rounds gathers questions into round trips. Nobody waits for others to come:
// a question that finds a round free leaves at once, alone.
type rounds struct {
	script   *redispool.Script
	patience time.Duration

	mu      sync.Mutex
	waiting []*question
	running int
}

type question struct {
	args     []any
	reply    any
	err      error
	answered chan struct{}
}

// ask gives the script's answer. When ctx ends before, the question may still be counted.
func (r *rounds) ask(ctx context.Context, args []any) (any, error) {
	q := &question{args: args, answered: make(chan struct{})}
	r.mu.Lock()
	r.waiting = append(r.waiting, q)
	lead := r.running < maxRounds
	if lead {
		r.running++
	}
	r.mu.Unlock()
	if lead {
		go r.run() // ends with the last question
	}
	select {
	case <-q.answered:
		return q.reply, q.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// run asks round after round until nobody waits.
func (r *rounds) run() {
	for {
		round := r.next()
		if round == nil {
			return
		}
		r.send(round)
	}
}

func (r *rounds) next() []*question {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.waiting) == 0 {
		r.running--
		return nil
	}
	n := min(len(r.waiting), maxCalls)
	round := r.waiting[:n:n]
	r.waiting = r.waiting[n:]
	return round
}

func (r *rounds) send(round []*question) {
	ctx, cancel := context.WithTimeout(context.Background(), r.patience)
	defer cancel()
	calls := make([][]any, len(round))
	for i, q := range round {
		calls[i] = q.args
	}
	replies, err := r.script.DoAll(ctx, calls)
	for i, q := range round {
		if q.err = err; err == nil {
			q.reply = replies[i]
		}
		close(q.answered)
	}
}
