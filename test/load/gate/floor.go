package main

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/redispool"
	"github.com/loveapp/backend/test/world"
)

// floor measures what calls cost Redis in which nothing is decided, with a key, an
// argument, a value and an answer as long as the limiter's.
func floor(t world.T, b *strings.Builder, r *redis, fleet []string, o options) {
	t.Helper()
	value, answer := strings.Repeat("v", 112), strings.Repeat("a", 56)
	b.WriteString("\nThe floor, for the same requests one at a time at each gateway, and with each a call in which nothing is decided:\n\n" +
		"| the script | calls | Redis's CPU time for each |\n|---|---|---|\n")
	for n, script := range []struct{ name, text string }{
		{"only answers", fmt.Sprintf("return '%s'", answer)},
		{"TIME, GET, SET PX, and computes nothing", fmt.Sprintf(
			"redis.call('TIME') redis.call('GET', KEYS[1]) redis.call('SET', KEYS[1], '%s', 'PX', '7200000') return '%s'", value, answer)},
	} {
		each, calls := costOf(t, r, fleet, script.text, 10+(2+n)*busy, o.lasting)
		fmt.Fprintf(b, "| %s | %d | **%s** |\n", script.name, calls, each.Round(100*time.Nanosecond))
	}
}

// costOf has the requests of strangers, to gateways that limit nothing, each call the script first.
func costOf(t world.T, r *redis, fleet []string, text string, network int, lasting time.Duration) (each time.Duration, calls int) {
	t.Helper()
	pool, err := redispool.Open(redispool.Config{Addrs: []config.HostPort{{Host: "127.0.0.1", Port: r.port}}})
	if err != nil {
		t.Fatalf("reach Redis: %v", err)
	}
	defer func() { _ = pool.Close() }()
	script := pool.Script(text, 1)
	var failed atomic.Pointer[error]
	before := r.cpu(t)
	counts := strangers(t, fleet, 1, network, lasting, func(address string) {
		if _, err := script.Do(t.Context(), "limits:a:"+address, 1); err != nil {
			failed.Store(&err)
		}
	})
	if err := failed.Load(); err != nil {
		t.Fatalf("call Redis: %v", *err)
	}
	calls = max(1, counts[http.StatusOK])
	return (r.cpu(t) - before) / time.Duration(calls), calls
}
