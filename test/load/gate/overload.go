package main

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/loveapp/backend/test/world"
)

const (
	excess      = 5 // times what the service can do
	sosShare    = 20
	onset       = time.Second
	sosGoal     = 0.999
	sosP99      = 200 * time.Millisecond
	ordinaryURL = "/v1/sos/tickets/0198c0de"
)

// overload sends five times what a service can do, and beside it calls for
// help to the same service, a twentieth of its capacity.
func overload(t world.T, o options) string {
	t.Helper()
	service := self(t, "worker", strconv.Itoa(o.rate), "only")
	g := self(t, "gateway", service.addr)
	await(t, g, ordinaryURL)
	ordinary := flow{method: http.MethodGet, url: "http://" + g.addr + ordinaryURL, rate: excess * o.rate}
	alarm := flow{method: http.MethodPost, url: "http://" + g.addr + "/v1/sos/tickets", body: `{"emergencyType":"medical"}`, rate: max(1, o.rate/sosShare)}
	var crowd, alarms []sent
	var group sync.WaitGroup
	client := newClient()
	group.Go(func() { crowd = ordinary.send(t.Context(), client, o.lasting) })
	group.Go(func() { alarms = alarm.send(t.Context(), newClient(), o.lasting) })
	group.Wait()
	shed := func(s sent) bool { return s.status == http.StatusServiceUnavailable }
	success := float64(count(alarms, answered)) / float64(len(alarms))
	first := func(s sent) bool { return s.at < onset }
	p99 := quantile(alarms, 0.99, anyOf)
	b := heading("Calls for help under five times the load", fmt.Sprintf("overload -rate %d -for %s", o.rate, o.lasting))
	fmt.Fprintf(b, "One service that can do %d requests/s, in the order in which they come, behind the gateway as it is\n"+
		"deployed (no client limits: they would shed most of this before). For %s clients asked for %d ordinary requests/s\n"+
		"and sent %d calls for help a second to the same service. Nobody tried again.\n\n", o.rate, o.lasting, ordinary.rate, alarm.rate)
	fmt.Fprintf(b, "| | calls for help | ordinary requests |\n|---|---|---|\n| sent | %d | %d |\n| answered 200 | %d (%.2f %%) | %d (%.0f/s of the %d/s there are) |\n"+
		"| shed with 503 | %d | %d |\n| anything else, or nothing in %s | %d | %d |\n| time, 50 %% | %s | %s |\n| time, 99 %% | %s | %s |\n| time, longest | %s | %s |\n| until shed, 50 %% | | %s |\n| until shed, 99 %% | | %s |\n\n",
		len(alarms), len(crowd), count(alarms, answered), 100*success, count(crowd, answered), float64(count(crowd, answered))/o.lasting.Seconds(), o.rate,
		count(alarms, shed), count(crowd, shed), patience,
		len(alarms)-count(alarms, answered)-count(alarms, shed), len(crowd)-count(crowd, answered)-count(crowd, shed),
		round(quantile(alarms, 0.5, anyOf)), round(quantile(crowd, 0.5, answered)), round(quantile(alarms, 0.99, anyOf)), round(quantile(crowd, 0.99, answered)),
		round(quantile(alarms, 1, anyOf)), round(quantile(crowd, 1, answered)), round(quantile(crowd, 0.5, shed)), round(quantile(crowd, 0.99, shed)))
	fmt.Fprintf(b, "The load comes at once; nothing is left out. In the first %s, in which the gateway finds out how much the service\n"+
		"can do, the slowest call for help took %s and %d ordinary requests were shed, some of them after waiting for a place.\n\n",
		onset, round(quantile(alarms, 1, first)), count(crowd, func(s sent) bool { return first(s) && shed(s) }))
	fmt.Fprintf(b, "Goals: over the whole run at least %.1f %% of the calls for help answered: %s; 99 %% of them within %s: %s.\n",
		100*sosGoal, goal(success >= sosGoal), sosP99, goal(p99 <= sosP99))
	return b.String()
}

func round(d time.Duration) time.Duration { return d.Round(100 * time.Microsecond) }

func goal(reached bool) string {
	if reached {
		return "reached"
	}
	return "**missed**"
}

// slow has one of three instances answer slowly for a while.
func slow(t world.T, o options) string {
	t.Helper()
	var instances []server
	var addrs []string
	for n := range 3 {
		instances = append(instances, self(t, "worker", strconv.Itoa(o.rate), strconv.Itoa(n+1)))
		addrs = append(addrs, instances[n].addr)
	}
	g := self(t, "gateway", addrs...)
	await(t, g, ordinaryURL)
	f := flow{method: http.MethodGet, url: "http://" + g.addr + ordinaryURL, rate: max(30, o.rate/2)}
	from, until := o.lasting/4, o.lasting/2
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	tell := func(after time.Duration, path string) *time.Timer {
		return time.AfterFunc(after, func() { _, _ = ask(ctx, instances[0].addr, path) })
	}
	defer tell(from, "/slow").Stop()
	defer tell(until, "/fast").Stop()
	all := f.send(ctx, newClient(), o.lasting)
	b := heading("An instance that gets slow", fmt.Sprintf("slow -rate %d -for %s", o.rate, o.lasting))
	fmt.Fprintf(b, "Three instances of a service, %d requests/s through the gateway. From second %.0f the first takes %s longer\n"+
		"for each answer, from second %.0f on it is as fast as before. It passes its health checks all the time.\n\n", f.rate, from.Seconds(), slowness, until.Seconds())
	b.WriteString("| second | answered by the first, of all | time, 50 % | time, 99 % | not 200 |\n|---|---|---|---|---|\n")
	for s := range int(o.lasting.Seconds()) {
		in := func(x sent) bool { return int(x.at.Seconds()) == s }
		first := func(x sent) bool { return in(x) && x.instance == "1" }
		failed := func(x sent) bool { return in(x) && !answered(x) }
		fmt.Fprintf(b, "| %d | %.0f %% | %s | %s | %d |\n", s, 100*float64(count(all, first))/float64(max(1, count(all, in))),
			round(quantile(all, 0.5, in)), round(quantile(all, 0.99, in)), count(all, failed))
	}
	return b.String()
}
