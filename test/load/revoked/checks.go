package main

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"time"
)

// checked is what it costs a gateway to look at a token.
type checked struct {
	times           []time.Duration // sorted
	commands, quiet int             // of Redis, while it was asked and for as long while it was not
}

const manyChecks = 5000

// checks shows a gateway a token that is signed well and revoked: all that it
// does is check it. That is a whole request over HTTP, one after the other.
func (c *scene) checks(ctx context.Context) (checked, error) {
	p := c.people[0]
	if err := c.call(ctx, http.MethodPost, c.gateway(0)+"/v1/auth/logout", p, nil, http.StatusNoContent, nil); err != nil {
		return checked{}, err
	}
	if _, err := c.until(ctx, c.places[0], p.access, func() {}); err != nil {
		return checked{}, err
	}
	var k checked
	before, err := c.commands(ctx)
	if err != nil {
		return k, err
	}
	began := time.Now()
	for range manyChecks {
		start := time.Now()
		if err := c.call(ctx, http.MethodGet, c.gateway(0)+inbox, p, nil, http.StatusUnauthorized, nil); err != nil {
			return k, err
		}
		k.times = append(k.times, time.Since(start))
	}
	lasted := time.Since(began)
	between, err := c.commands(ctx)
	if err != nil {
		return k, err
	}
	time.Sleep(lasted)
	after, err := c.commands(ctx)
	k.commands, k.quiet = between-before, after-between
	slices.Sort(k.times)
	return k, err
}

var processed = regexp.MustCompile(`total_commands_processed:(\d+)`)

// commands is how many Redis has carried out.
func (c *scene) commands(ctx context.Context) (int, error) {
	reply, err := c.redis.Do(ctx, "INFO", "stats")
	if err != nil {
		return 0, err
	}
	text, _ := reply.([]byte)
	found := processed.FindSubmatch(text)
	if found == nil {
		return 0, fmt.Errorf("INFO does not tell how many commands there were: %q", text)
	}
	return strconv.Atoi(string(found[1]))
}
