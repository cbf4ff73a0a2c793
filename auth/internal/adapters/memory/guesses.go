package memory

import (
	"context"
	"sync"
	"time"

	"github.com/loveapp/backend/auth/internal/domain"
)

// maxGuesses bounds the counters of one process: some 10 MiB.
const maxGuesses = 50_000

// Guesses counts within one process: what copies fall back on while Redis is away.
type Guesses struct {
	now    func() time.Time
	mu     sync.Mutex
	counts map[string]domain.GuessCount
}

// NewGuesses has counted nothing yet.
func NewGuesses(now func() time.Time) *Guesses {
	return &Guesses{now: now, counts: map[string]domain.GuessCount{}}
}

// Try implements ports.Guesses.
func (g *Guesses) Try(_ context.Context, key string, rule domain.GuessRule) (verdict domain.GuessVerdict, _ error) {
	g.change(key, rule, func(c domain.GuessCount, now time.Time) domain.GuessCount {
		c, verdict = c.Try(rule, now)
		return c
	})
	return verdict, nil
}

// Settle implements ports.Guesses.
func (g *Guesses) Settle(_ context.Context, key string, rule domain.GuessRule, outcome domain.GuessOutcome) error {
	g.change(key, rule, func(c domain.GuessCount, now time.Time) domain.GuessCount { return c.Settle(outcome, rule, now) })
	return nil
}

func (g *Guesses) change(key string, rule domain.GuessRule, how func(domain.GuessCount, time.Time) domain.GuessCount) {
	g.mu.Lock()
	defer g.mu.Unlock()
	key, now := rule.Kind+":"+key, g.now()
	next := how(g.counts[key], now)
	if next.Wrong == 0 {
		delete(g.counts, key)
		return
	}
	if _, known := g.counts[key]; !known && len(g.counts) >= maxGuesses {
		g.sweep(now)
	}
	g.counts[key] = next
}

// sweep makes room: first what is over, then, where that is not enough, anything.
func (g *Guesses) sweep(now time.Time) {
	for key, count := range g.counts {
		if !now.Before(count.Ends) {
			delete(g.counts, key)
		}
	}
	for key := range g.counts {
		if len(g.counts) < maxGuesses {
			return
		}
		delete(g.counts, key)
	}
}
