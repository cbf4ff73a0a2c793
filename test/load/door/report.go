package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/loveapp/backend/test/load/internal/meter"
)

// leastRatio is the goal: the gateway's requests/s beside the bare ReverseProxy's.
const leastRatio = 0.8

// results are what the rounds of all contenders gave, by their names.
type results struct {
	names  []string // in the order of the table
	rounds []map[string]took
}

// own is the median over the rounds.
func (r results) own(name string, of func(took) float64) float64 {
	return median(r.rounds, func(m map[string]took) float64 { return of(m[name]) })
}

// ratio is the median of the rounds' ratios to the bare proxy.
func (r results) ratio(name string, of func(took) float64) float64 {
	return median(r.rounds, func(m map[string]took) float64 { return of(m[name]) / of(m[bareCommand]) })
}

func (r results) markdown(o options) string {
	var b strings.Builder
	machine := meter.ThisMachine()
	fmt.Fprintf(&b, "# The gateway beside bare proxying\n\nWritten by `go run ./test/load/door -rounds %d -for %s -connections %d -users %d` on %s.\n%s, %d cores, %s.\n\n",
		o.rounds, o.lasting, o.connections, o.users, time.Now().UTC().Format(time.DateOnly), machine.CPU, machine.Cores, machine.Go)
	fmt.Fprintf(&b, "Everything the gateway does is on: tokens, limits in Redis, breakers, balancing, metrics, the log. Bare is an\n"+
		"httputil.ReverseProxy over a tuned http.Transport, nginx plain proxying. All stand before the same trivial service and share\n"+
		"the cores with it and the client: the ratios to bare mean something, the figures alone do not. Medians of %d rounds, and\n"+
		"of their ratios; one user's requests that wait together are one call to Redis, those of many users a call each.\n\n", o.rounds)
	b.WriteString("| | requests/s | **ratio** | p99 | ratio | CPU a request | ratio | Redis's CPU a request |\n|---|---|---|---|---|---|---|---|\n")
	p99 := func(k took) float64 { return float64(k.p99) }
	for _, name := range r.names {
		redis := "–"
		if each := r.own(name, took.redisEach); each > 0 {
			redis = rounded(each)
		}
		fmt.Fprintf(&b, "| %s | %.0f | **%.2f** | %s | %.2f | %s | %.2f | %s |\n", name, r.own(name, took.rate), r.ratio(name, took.rate),
			time.Duration(r.own(name, p99)).Round(10*time.Microsecond), r.ratio(name, p99), rounded(r.own(name, took.cpuEach)), r.ratio(name, took.cpuEach), redis)
	}
	b.WriteString("\n")
	for _, name := range r.names {
		if strings.HasPrefix(name, gatewayCommand) {
			fmt.Fprintf(&b, "The goal of %.1f is %s by the %s.\n", leastRatio, goal(r.ratio(name, took.rate) >= leastRatio), name)
		}
	}
	return b.String()
}

func rounded(nanoseconds float64) string {
	return time.Duration(nanoseconds).Round(100 * time.Nanosecond).String()
}

func goal(reached bool) string {
	if reached {
		return "reached"
	}
	return "**missed**"
}
