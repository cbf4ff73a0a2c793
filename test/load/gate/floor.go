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

// floor measures what a call costs Redis in which nothing is decided: the same
// requests through gateways that limit nothing, one at a time at each, and before
// each of them a call with a key, an argument and an answer of the limiter's.
func floor(t world.T, b *strings.Builder, r *redis, fleet []string, o options) {
	t.Helper()
	pool, err := redispool.Open(redispool.Config{Addrs: []config.HostPort{{Host: "127.0.0.1", Port: r.port}}})
	if err != nil {
		t.Fatalf("reach Redis: %v", err)
	}
	defer func() { _ = pool.Close() }()
	script := pool.Script("return '1 1 99 60000000 0 0 0'", 1)
	var failed atomic.Pointer[error]
	before := r.cpu(t)
	counts := strangers(t, fleet, 1, 10+2*busy, o.lasting, func(address string) {
		if _, err := script.Do(t.Context(), "limits:a:"+address, 1); err != nil {
			failed.Store(&err)
		}
	})
	if err := failed.Load(); err != nil {
		t.Fatalf("call Redis: %v", *err)
	}
	each := (r.cpu(t) - before) / time.Duration(max(1, counts[http.StatusOK]))
	fmt.Fprintf(b, "\nThe floor: one at a time, a call that only answers takes **%s** of Redis's CPU time (%d calls): to wake up, to read the question and to write the answer.\n",
		each.Round(100*time.Nanosecond), counts[http.StatusOK])
}
