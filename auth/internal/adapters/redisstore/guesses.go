package redisstore

import (
	"context"
	_ "embed"
	"fmt"

	"github.com/gomodule/redigo/redis"

	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/auth/internal/ports"
	"github.com/loveapp/backend/shared/redispool"
)

//go:embed guess.lua
var guessScript string

// Guesses counts wrong passwords for all copies. While Redis is away each copy counts its own.
type Guesses struct {
	script *redispool.Script
	local  ports.Guesses
}

// NewGuesses works on an open pool, and on local where that fails.
func NewGuesses(pool *redispool.Pool, local ports.Guesses) *Guesses {
	return &Guesses{pool.Script(guessScript, 1), local}
}

func (g *Guesses) do(ctx context.Context, what, key string, rule domain.GuessRule) (domain.GuessVerdict, error) {
	verdict, err := redis.Int(g.script.Do(ctx, "guess:"+rule.Kind+":"+key, what, rule.Free, rule.Delay.Milliseconds(), rule.Most, rule.Window.Milliseconds()))
	if err != nil {
		return domain.GuessRefused, fmt.Errorf("count a guess: %w", err)
	}
	switch verdict {
	case 1:
		return domain.GuessFree, nil
	case 2:
		return domain.GuessReserved, nil
	}
	return domain.GuessRefused, nil
}

// Try implements ports.Guesses.
func (g *Guesses) Try(ctx context.Context, key string, rule domain.GuessRule) (domain.GuessVerdict, error) {
	verdict, err := g.do(ctx, "try", key, rule)
	if err != nil {
		return g.local.Try(ctx, key, rule)
	}
	return verdict, nil
}

// Settle implements ports.Guesses.
func (g *Guesses) Settle(ctx context.Context, key string, rule domain.GuessRule, outcome domain.GuessOutcome) error {
	if _, err := g.do(ctx, string(outcome), key, rule); err != nil {
		return g.local.Settle(ctx, key, rule, outcome)
	}
	return nil
}
