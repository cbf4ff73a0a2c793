package redispool

import (
	"context"
	"errors"
	"strings"

	"github.com/gomodule/redigo/redis"
)

// DoAll is Do for several calls, each with its keys first, and gives their
// replies in the same order. Each node gets its calls in one round trip. Where
// one call fails, which is the error, others may have been done.
func (s *Script) DoAll(ctx context.Context, calls [][]any) ([]any, error) {
	replies, refusals, err := s.pool.runAll(ctx, s.commands("EVALSHA", s.sha, calls))
	if err != nil {
		return nil, err
	}
	if err := s.tellSource(ctx, calls, replies, refusals); err != nil {
		return nil, err
	}
	for _, refusal := range refusals {
		if refusal != nil {
			return nil, classify(ctx, refusal)
		}
	}
	return replies, nil
}

// tellSource sends the source, with the calls again, to nodes that do not know the script's name.
func (s *Script) tellSource(ctx context.Context, calls [][]any, replies []any, refusals []error) error {
	var unknown []int
	var again [][]any
	for i, refusal := range refusals {
		if forgotten(refusal) {
			unknown, again = append(unknown, i), append(again, calls[i])
		}
	}
	answers, refused, err := s.pool.runAll(ctx, s.commands("EVAL", s.source, again))
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

func (s *Script) commands(name, script string, calls [][]any) []Command {
	commands := make([]Command, len(calls))
	for i, call := range calls {
		commands[i] = Command{Name: name, Args: s.call(script, call)}
		if s.keys > 0 {
			commands[i].key = firstKey(call)
		}
	}
	return commands
}
