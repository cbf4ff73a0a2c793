package redisstore

import (
	"context"
	"runtime"
	"sync"
	"time"

	"github.com/loveapp/backend/gateway/internal/domain"
	"github.com/loveapp/backend/shared/redispool"
)

const maxQuestions = 256 // in one round

// rounds gathers questions into round trips, one at a time. A question that
// comes when none is under way leaves at once, alone. Those that come meanwhile
// share the next one. (Rounds a millisecond apart gathered more, and were no
// faster: 0.69 and 0.75 of the bare proxy's requests/s without, 0.68 and 0.76 with.)
type rounds struct {
	pool     *redispool.Pool
	scripts  *scripts
	patience time.Duration

	mu      sync.Mutex
	waiting []*question
	running bool
}

type question struct {
	subject  subject
	answer   answer
	place    int64 // among those that the answer is for
	err      error
	answered chan struct{}
}

// ask gives the script's verdict. When ctx ends before, the question may still be counted.
func (r *rounds) ask(ctx context.Context, client domain.Client, p domain.Policy) (domain.Verdict, error) {
	q := &question{subject: subject{client, r.scripts.of(p)}, answered: make(chan struct{})}
	r.mu.Lock()
	r.waiting = append(r.waiting, q)
	lead := !r.running
	r.running = true
	r.mu.Unlock()
	if lead {
		go r.run() // ends with the last question
	}
	select {
	case <-q.answered:
		return q.answer.verdict(q.place, p), q.err
	case <-ctx.Done():
		return domain.Verdict{}, ctx.Err()
	}
}

// run asks round after round until nobody waits.
func (r *rounds) run() {
	for r.wanted() {
		runtime.Gosched() // whoever is about to ask comes along: on a busy gateway half as many again
		r.send(r.next())
	}
}

// wanted tells whether anybody waits; otherwise the next one to come leads.
func (r *rounds) wanted() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.running = len(r.waiting) > 0
	return r.running
}

func (r *rounds) next() []*question {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := min(len(r.waiting), maxQuestions)
	round := r.waiting[:n:n]
	r.waiting = r.waiting[n:]
	return round
}

// send has the round's questions answered. Those about the same subject are one
// call: a client that floods one gateway costs Redis little more than its first request.
func (r *rounds) send(round []*question) {
	ctx, cancel := context.WithTimeout(context.Background(), r.patience)
	defer cancel()
	alike := bySubject(round)
	calls := make([]redispool.Call, len(alike))
	for i, questions := range alike {
		calls[i] = questions[0].subject.call(len(questions))
	}
	replies, err := r.pool.CallAll(ctx, calls)
	for i, questions := range alike {
		var reply any
		if err == nil {
			reply = replies[i]
		}
		answer, err := readAnswer(reply, err)
		for n, q := range questions {
			q.answer, q.place, q.err = answer, int64(n), err
			close(q.answered)
		}
	}
}

// bySubject puts the questions about the same subject together, in the order in which they came.
func bySubject(round []*question) (alike [][]*question) {
	places := make(map[subject]int, len(round))
	for _, q := range round {
		place, known := places[q.subject]
		if !known {
			place = len(alike)
			places[q.subject] = place
			alike = append(alike, nil)
		}
		alike[place] = append(alike[place], q)
	}
	return alike
}
