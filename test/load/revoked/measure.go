package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/loveapp/backend/test/stack"
)

// measure ends sessions while all is well, then during each trouble.
func measure(ctx context.Context, s *stack.Stack, calm, broken int) (*result, error) {
	c, err := newScene(ctx, s)
	if err != nil {
		return nil, err
	}
	defer func() { _ = c.redis.Close(); c.http.CloseIdleConnections() }()
	r := newResult()
	if r.checks, err = c.checks(ctx); err != nil {
		return nil, err
	}
	const rarely = 10 // times fewer
	for _, t := range append([]trouble{{name: calmly}}, troubles()...) {
		count := broken
		switch {
		case t.name == calmly:
			count = calm
		case t.rare:
			count = max(1, broken/rarely)
		}
		for n := range count {
			if err := c.one(ctx, r, t, n); err != nil {
				return nil, fmt.Errorf("%s, number %d: %w", t.name, n, err)
			}
		}
	}
	return r, nil
}

// calmly is when nothing is wrong.
const calmly = "all is well"

// one ends one session in one way and notes how soon that counted where.
func (c *scene) one(ctx context.Context, r *result, t trouble, n int) error {
	how, p := changes()[n%len(changes())], c.people[n%len(c.people)]
	if err := errors.Join(c.signIn(ctx, p), c.keepAdmin(ctx)); err != nil {
		return err
	}
	change, err := how.ready(ctx, c, p)
	if err != nil {
		return err
	}
	at := c.gateway(n / len(changes()))
	if t.direct {
		at = c.auths[0]
	}
	if err := c.during(ctx, t.begin); err != nil {
		return err
	}
	token := p.access
	samples, err := c.watch(ctx, token, func() (time.Time, error) {
		err := errors.Join(c.during(ctx, t.before), change.do(at))
		return time.Now(), errors.Join(err, c.during(ctx, t.after))
	})
	if err != nil {
		return errors.Join(err, c.during(ctx, t.end))
	}
	if err := c.stays(ctx, token); err != nil {
		r.broken = append(r.broken, fmt.Sprintf("%s, %s: %v", t.name, how.name, err))
	}
	if err := c.during(ctx, t.end); err != nil {
		return err
	}
	r.note(t.name, how.name, samples)
	return change.undo(c.gateway(0))
}

func (c *scene) during(ctx context.Context, do func(context.Context, *scene) error) error {
	if do == nil {
		return nil
	}
	return do(ctx, c)
}
