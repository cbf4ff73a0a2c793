// Package redisstore counts requests in Redis, for all gateways together.
package redisstore

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"time"

	"github.com/gomodule/redigo/redis"
	"github.com/loveapp/backend/gateway/internal/domain"
	"github.com/loveapp/backend/shared/redispool"
)

//go:embed take.lua
var takeScript string

const keyPrefix = "limit:"

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
// share the next one.
type Limiter struct {
	rounds *rounds
	keep   int64
}

// NewLimiter makes one on a pool whose server need not be up yet.
func NewLimiter(c Config) (*Limiter, error) {
	if c.Pool == nil || c.Keep < time.Millisecond {
		return nil, errors.New("redisstore: a limiter needs a pool and a time to keep clients")
	}
	if c.Patience == 0 {
		c.Patience = defaultPatience
	}
	return &Limiter{rounds: &rounds{script: c.Pool.Script(takeScript, 1), patience: c.Patience}, keep: c.Keep.Milliseconds()}, nil
}

// Take has Redis decide.
func (l *Limiter) Take(ctx context.Context, client domain.Client, p domain.Policy) (domain.Verdict, error) {
	reply, err := redis.Int64s(l.rounds.ask(ctx, l.arguments(client, p)))
	if err != nil {
		return domain.Verdict{}, fmt.Errorf("count a request: %w", err)
	}
	if len(reply) != replySize {
		return domain.Verdict{}, errors.New("count a request: the script's answer has another form")
	}
	return verdict(reply, p), nil
}

func (l *Limiter) arguments(client domain.Client, p domain.Policy) []any {
	args := make([]any, 0, 1+3+2*len(p.Windows)+1)
	args = append(args, keyPrefix+string(client), p.Slot+1, p.Bucket.Interval().Microseconds(), p.Bucket.Depth().Microseconds())
	for _, w := range p.Windows {
		args = append(args, w.Count, w.Window.Milliseconds())
	}
	return append(args, l.keep)
}

// The script's answer.
const (
	allowed = iota
	which
	remaining
	reset
	retryAfter
	replySize
)

func verdict(reply []int64, p domain.Policy) domain.Verdict {
	v := domain.Verdict{
		Allowed: reply[allowed] == 1, Remaining: reply[remaining],
		Reset: micros(reply[reset]), RetryAfter: micros(reply[retryAfter]),
	}
	if i := reply[which]; i > 0 {
		v.Limit = p.Windows[i-1]
	} else if p.Bucket.On() {
		v.Limit = p.Bucket
	}
	return v
}

func micros(n int64) time.Duration { return time.Duration(n) * time.Microsecond }
