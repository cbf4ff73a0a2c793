package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/loveapp/backend/test/alone"
	"github.com/loveapp/backend/test/load/internal/meter"
	"github.com/loveapp/backend/test/world"
)

// The goals: what does not fit is refused while a person would not notice, and
// memory is bounded. 64 hashes at once would take 1,250 MiB.
const (
	refusedWithin = 50 * time.Millisecond
	memoryGoal    = 300 << 20
	overload      = 20
	// refreshesWithin is below what an app's user notices.
	refreshesWithin = 250 * time.Millisecond
)

// others are the phones that refresh meanwhile, and their rate a second.
const (
	others        = 200
	refreshRate   = 50
	floodAccounts = 20
)

// flood measures what the others feel while many times more people sign in than
// there is capacity for.
func flood(t world.T, o options) page {
	t.Helper()
	before, err := meter.CountLoad()
	if err != nil {
		t.Fatalf("%v", err)
	}
	p := newPage("A flood of sign-ins", fmt.Sprintf(floodHow, refreshRate, overload))
	auth := alone.Start(t, alone.Options{})
	signing, refreshing := newPhones(t, auth, floodAccounts), newPhones(t, auth, others)

	memory := watchMemory(t, auth.PID)
	calm := refreshing.steady(t, refreshRate, o.lasting/2)
	resting := memory.stop()
	capacity := signing.few(loginPhones).busy(t, o.lasting/2, signing.login).rate()

	memory = watchMemory(t, auth.PID)
	ctx, stop := context.WithCancel(t.Context())
	flooded := make(chan tide, 1)
	go func() { flooded <- signing.flood(ctx, auth.URL, capacity*overload) }()
	during := refreshing.steady(t, refreshRate, o.lasting)
	stop()
	water, peak := <-flooded, memory.stop()
	after := refreshing.steady(t, refreshRate, o.lasting/4)

	reportFlood(&p, capacity, water)
	p.add("refreshes p50 / p99, before", fmt.Sprintf("%s / %s of %d", short(quantile(calm.times, 0.5)), short(quantile(calm.times, 0.99)), len(calm.times)), "", true)
	p.add("refreshes p50 / p99, during", fmt.Sprintf("%s / %s of %d", short(quantile(during.times, 0.5)), short(quantile(during.times, 0.99)), len(during.times)),
		fmt.Sprintf("p99 < %s", refreshesWithin), quantile(during.times, 0.99) < refreshesWithin)
	p.add("refreshes p50 / p99, after", fmt.Sprintf("%s / %s of %d", short(quantile(after.times, 0.5)), short(quantile(after.times, 0.99)), len(after.times)), "", true)
	failed := calm.failed() + during.failed() + after.failed()
	p.add("refreshes that were not answered with 200", fmt.Sprint(failed), "0", failed == 0)
	p.add("auth's memory (RSS) at its most, before", mebibytes(resting), "", true)
	p.add("auth's memory (RSS) at its most, during", mebibytes(peak), "< "+mebibytes(memoryGoal), peak < memoryGoal)
	end, err := meter.CountLoad()
	if err != nil {
		t.Fatalf("%v", err)
	}
	p.busy = end.Since(before).Busy()
	return p
}

const floodHow = `One copy of auth as a process with all processors, on PostgreSQL and Redis, with no gateway before it that
would limit anybody: %d refreshes a second by phones that are signed in, first alone, then while people sign in with the right
password from addresses and devices that are new, %d times as many as a closed loop of four got through just before. Both come at
their times whatever became of the ones before; times are from when a request was due. The flood, auth and the databases share
the machine's processors.`

func reportFlood(p *page, capacity float64, w tide) {
	refused := w.times[http.StatusServiceUnavailable]
	p.add("capacity, sign-ins a second", fmt.Sprintf("%.1f", capacity), "", true)
	p.add("sign-ins that came a second", fmt.Sprintf("%.0f for %s", float64(w.sent)/w.lasted.Seconds(), w.lasted.Round(time.Second)), "", true)
	signedIn := w.times[http.StatusOK]
	p.add("signed in a second", fmt.Sprintf("%.1f, p50 %s, p99 %s", float64(len(signedIn))/w.lasted.Seconds(), short(quantile(signedIn, 0.5)), short(quantile(signedIn, 0.99))), "", true)
	p.add("told to come back (503) within", fmt.Sprintf("p50 %s, p99 %s of %d", short(quantile(refused, 0.5)), short(quantile(refused, 0.99)), len(refused)),
		fmt.Sprintf("p99 < %s", refusedWithin), quantile(refused, 0.99) < refusedWithin)
	p.add("503 without Retry-After", fmt.Sprint(w.hasty), "0", w.hasty == 0)
	odd := w.sent - len(signedIn) - len(refused)
	p.add("any other answer, or none", fmt.Sprintf("%d%s", odd, w.oddities()), "0", odd == 0)
}

func mebibytes(bytes int64) string { return fmt.Sprintf("%d MiB", bytes>>20) }
