package redispool

import (
	"context"
	"errors"
	"strings"

	"github.com/gomodule/redigo/redis"
)

// Call is one call of a script, with its keys first.
type Call struct {
	Script      *Script
	KeysAndArgs []any
}

// DoAll is Do for several calls, and gives their replies in the same order.
func (s *Script) DoAll(ctx context.Context, calls [][]any) ([]any, error) {
	all := make([]Call, len(calls))
	for i, call := range calls {
		all[i] = Call{s, call}
	}
	return s.pool.CallAll(ctx, all)
}

// CallAll calls scripts and gives their replies in the same order. Each node
// gets its calls in one round trip. Where one call fails, which is the error,
// others may have been done.
func (p *Pool) CallAll(ctx context.Context, calls []Call) ([]any, error) {
	replies, refusals, err := p.runAll(ctx, commands(calls, Call.byName))
	if err != nil {
		return nil, err
	}
	if err := p.tellSources(ctx, calls, replies, refusals); err != nil {
		return nil, err
	}
	for _, refusal := range refusals {
		if refusal != nil {
			return nil, classify(ctx, refusal)
		}
	}
	return replies, nil
}

// tellSources sends the source, with the calls again, to nodes that do not know a script's name.
func (p *Pool) tellSources(ctx context.Context, calls []Call, replies []any, refusals []error) error {
	var unknown []int
	var again []Call
	for i, refusal := range refusals {
		if forgotten(refusal) {
			unknown, again = append(unknown, i), append(again, calls[i])
		}
	}
	answers, refused, err := p.runAll(ctx, commands(again, Call.bySource))
	if err != nil {
		return err
	}
	for i, n := range unknown {
		replies[n], refusals[n] = answers[i], refused[i]
	}
	return nil
}

// forgotten: the node does not know the script, or no longer.
func forgotten(err error) bool {
	answer, ok := errors.AsType[redis.Error](err)
	return ok && strings.HasPrefix(string(answer), "NOSCRIPT")
}

func (c Call) byName() Command {
	return Command{Name: "EVALSHA", Args: c.Script.call(c.Script.sha, c.KeysAndArgs)}
}

func (c Call) bySource() Command {
	return Command{Name: "EVAL", Args: c.Script.call(c.Script.source, c.KeysAndArgs)}
}

func commands(calls []Call, as func(Call) Command) []Command {
	all := make([]Command, len(calls))
	for i, c := range calls {
		all[i] = as(c)
		if c.Script.keys > 0 {
			all[i].key = firstKey(c.KeysAndArgs)
		}
	}
	return all
}
