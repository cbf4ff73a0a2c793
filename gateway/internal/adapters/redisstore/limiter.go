// Package redisstore counts requests in Redis, for all gateways together.
package redisstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/loveapp/backend/gateway/internal/domain"
	"github.com/loveapp/backend/shared/redispool"
)

// Config is what a Limiter needs.
type Config struct {
	Pool *redispool.Pool
	// Keep is how long a client is remembered: the longest Memory of any policy.
	Keep time.Duration
	// Patience is how long a round trip may take; 0 = 100 ms: a limit is not worth more.
	Patience time.Duration
}

const defaultPatience = 100 * time.Millisecond

// Limiter decides by one script in one round trip, on Redis's own clock: the
// gateways' clocks need not agree. Requests that come while a round is under way
// share the next one, and those of one client in it share a call.
type Limiter struct{ rounds *rounds }

// NewLimiter makes one on a pool whose server need not be up yet.
func NewLimiter(c Config) (*Limiter, error) {
	if c.Pool == nil || c.Keep < time.Millisecond {
		return nil, errors.New("redisstore: a limiter needs a pool and a time to keep clients")
	}
	if c.Patience == 0 {
		c.Patience = defaultPatience
	}
	return &Limiter{&rounds{pool: c.Pool, scripts: &scripts{pool: c.Pool, keep: c.Keep.Milliseconds()}, patience: c.Patience}}, nil
}

// Take has Redis decide.
func (l *Limiter) Take(ctx context.Context, client domain.Client, p domain.Policy) (domain.Verdict, error) {
	v, err := l.rounds.ask(ctx, client, p)
	if err != nil {
		return domain.Verdict{}, fmt.Errorf("count a request: %w", err)
	}
	return v, nil
}
