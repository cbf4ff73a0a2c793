package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"
)

const (
	// askEvery is how often each place is asked, which adds up to as much to every figure.
	askEvery = 5 * time.Millisecond
	// giveUp: whoever still lets the token in by then lets it in until it expires.
	giveUp = 20 * time.Second
)

// sample is how long after the answer to the change one place refused the token.
type sample struct {
	place place
	after time.Duration
}

// watch asks every place with the token until it is refused. begun is called
// once all are asking; it makes the change and says when that was answered.
func (c *scene) watch(ctx context.Context, token string, begun func() (time.Time, error)) ([]sample, error) {
	refusedAt, failures := make([]time.Time, len(c.places)), make([]error, len(c.places)+1)
	var all, asking sync.WaitGroup
	asking.Add(len(c.places))
	for i, at := range c.places {
		all.Go(func() { refusedAt[i], failures[i] = c.until(ctx, at, token, asking.Done) })
	}
	asking.Wait()
	answered, err := begun()
	failures[len(c.places)] = err
	all.Wait()
	samples := make([]sample, len(c.places))
	for i, at := range refusedAt {
		samples[i] = sample{c.places[i], max(0, at.Sub(answered))}
	}
	return samples, errors.Join(failures...)
}

// until asks one place until it refuses. let is called when it has let the token in once.
func (c *scene) until(ctx context.Context, at place, token string, let func()) (time.Time, error) {
	var once sync.Once
	defer once.Do(let)
	tick := time.NewTicker(askEvery)
	defer tick.Stop()
	as := &person{access: token}
	for began := time.Now(); time.Since(began) < giveUp; {
		status, text, err := c.send(ctx, http.MethodGet, at.url, as, nil)
		now := time.Now()
		switch {
		case ctx.Err() != nil:
			return now, ctx.Err()
		case err != nil || status >= http.StatusInternalServerError: // something else is broken as well
		case status == http.StatusUnauthorized:
			return now, nil
		case status == http.StatusOK:
			once.Do(let)
		default:
			return now, fmt.Errorf("%s answers %d: %s", at.name, status, text)
		}
		<-tick.C
	}
	return time.Now(), fmt.Errorf("%s lets a revoked token in after %s", at.name, giveUp)
}

// stays asks every place once more: what is refused stays so.
func (c *scene) stays(ctx context.Context, token string) error {
	var errs []error
	for _, at := range c.places {
		status, _, err := c.send(ctx, http.MethodGet, at.url, &person{access: token}, nil)
		if err == nil && status < http.StatusBadRequest {
			errs = append(errs, fmt.Errorf("%s lets a token in again that it has refused", at.name))
		}
	}
	return errors.Join(errs...)
}
