package redispool

import (
	"context"
	"errors"
	"strings"

	"github.com/gomodule/redigo/redis"
	"golang.org/x/sync/errgroup"
)

// DoAll is Do for several calls, each with its keys first, and gives their
// replies in the same order. One node gets them in one round trip. Where one
// call fails, which is the error, others may have been done.
func (s *Script) DoAll(ctx context.Context, calls [][]any) ([]any, error) {
	if len(calls) == 0 {
		return nil, nil
	}
	nodes, err := s.pool.topology(ctx)
	if err != nil {
		return nil, classify(ctx, err)
	}
	if one, ok := nodes.(*single); ok {
		return s.doAllOn(ctx, one, calls)
	}
	replies := make([]any, len(calls))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(clusterAtOnce)
	for i, call := range calls {
		group.Go(func() (err error) {
			replies[i], err = s.Do(ctx, call...)
			return err
		})
	}
	return replies, group.Wait()
}

// doAllOn sends the source only to a node that refuses the script's name, which it does for all calls alike.
func (s *Script) doAllOn(ctx context.Context, one *single, calls [][]any) ([]any, error) {
	replies, err := one.pipeline(ctx, s.commands("EVALSHA", s.sha, calls))
	if answer, ok := errors.AsType[redis.Error](err); ok && strings.HasPrefix(string(answer), "NOSCRIPT") {
		replies, err = one.pipeline(ctx, s.commands("EVAL", s.source, calls))
	}
	if err != nil {
		one.failed(err)
		return nil, classify(ctx, err)
	}
	return replies, nil
}

func (s *Script) commands(name, script string, calls [][]any) []Command {
	commands := make([]Command, len(calls))
	for i, call := range calls {
		commands[i] = Command{Name: name, Args: s.call(script, call)}
	}
	return commands
}
