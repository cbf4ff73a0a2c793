package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/loveapp/backend/test/load/internal/meter"
)

// The goals: p99 while all is well, and the most whatever is broken.
const (
	p99Goal = 100 * time.Millisecond
	maxGoal = time.Second
)

// result is what was seen.
type result struct {
	began  time.Time
	busy   float64
	checks checked
	order  []string                              // of the troubles
	made   map[string]int                        // revocations by trouble
	byKind map[string]map[string][]time.Duration // by trouble and kind of place
	byHow  map[string][]time.Duration            // by change, while all is well
	broken []string
}

func newResult() *result {
	return &result{began: time.Now(), made: map[string]int{}, byKind: map[string]map[string][]time.Duration{}, byHow: map[string][]time.Duration{}}
}

func (r *result) note(trouble, how string, samples []sample) {
	if r.byKind[trouble] == nil {
		r.order = append(r.order, trouble)
		r.byKind[trouble] = map[string][]time.Duration{}
	}
	r.made[trouble]++
	for _, s := range samples {
		r.byKind[trouble][s.place.kind] = append(r.byKind[trouble][s.place.kind], s.after)
		if trouble == calmly {
			r.byHow[how] = append(r.byHow[how], s.after)
		}
	}
}

const how = `# How soon a revocation counts

The local stack: nginx, four gateways, two auths, three notifications, two sos, PostgreSQL with two replicas, Redis. Somebody
signs in; two gateways, every notification and every sos are asked with the access token every %s, each on its own, and
let it in; then the session is ended by way of one of the gateways, in turn by a sign-out, a ban by an administrator, a new role
and a new password chosen on another device. A figure is the time from the answer to that change until one place answers 401;
0 where it did so before. A gateway asks notification for the answer, so that the first of the two to know refuses there.
"Restarted": killed right before the change and started again by the supervisor. "Cannot be reached": the way from all services
to Redis lets nothing through and tells nobody. "Killed": with Redis out of reach, the copy of auth that ended the session dies
(SIGKILL) right after its answer, so that nobody has been told.

%s, on %d × %s, Linux %s, %s; all cores together were %.0f %% busy.

| | revocations | at | p50 | p99 | most |
|---|---|---|---|---|---|
`

func (r *result) text() string {
	var text strings.Builder
	m := meter.ThisMachine()
	fmt.Fprintf(&text, how, askEvery, r.began.UTC().Format("2006-01-02 15:04 UTC"), m.Cores, m.CPU, m.Kernel, m.Go, 100*r.busy)
	for _, trouble := range r.order {
		for _, kind := range slices.Sorted(maps.Keys(r.byKind[trouble])) {
			line(&text, trouble, fmt.Sprint(r.made[trouble]), kind, r.byKind[trouble][kind])
		}
	}
	text.WriteString("\nWhile all is well, by what ended the session:\n\n| | p50 | p99 | most |\n|---|---|---|---|\n")
	for _, c := range changes() {
		line(&text, c.name, "", "", r.byHow[c.name])
	}
	fmt.Fprintf(&text, "\nGoals: p99 ≤ %s while all is well, at most %s whatever is broken. ", p99Goal, maxGoal)
	if err := r.missed(); err != nil {
		fmt.Fprintf(&text, "**Missed**: %s.\n", strings.ReplaceAll(err.Error(), "\n", "; "))
	} else {
		text.WriteString("Both are reached.\n")
	}
	fmt.Fprintf(&text, "\n**What a check of a token costs.** %d requests with a revoked token, one after the other: the gateway answers 401 itself. "+
		"The whole request over HTTP took p50 %s, p99 %s. Redis carried out %d commands meanwhile, and %d in as long a time without any request: "+
		"the services' own.\n", len(r.checks.times), round(at(r.checks.times, 0.5)), round(at(r.checks.times, 0.99)), r.checks.commands, r.checks.quiet)
	return text.String()
}

func line(text *strings.Builder, name, count, place string, times []time.Duration) {
	slices.Sort(times)
	cells := []string{name}
	for _, cell := range []string{count, place, round(at(times, 0.5)), round(at(times, 0.99)), round(at(times, 1))} {
		if cell != "" {
			cells = append(cells, cell)
		}
	}
	text.WriteString("| " + strings.Join(cells, " | ") + " |\n")
}

// missed names the goals that were not reached.
func (r *result) missed() error {
	var errs []error
	for _, trouble := range r.order {
		for _, kind := range slices.Sorted(maps.Keys(r.byKind[trouble])) {
			times := slices.Sorted(slices.Values(r.byKind[trouble][kind]))
			if p99 := at(times, 0.99); trouble == calmly && p99 > p99Goal {
				errs = append(errs, fmt.Errorf("p99 is %s at %s", round(p99), kind))
			}
			if most := at(times, 1); most > maxGoal {
				errs = append(errs, fmt.Errorf("%s at %s while %s", round(most), kind, trouble))
			}
		}
	}
	for _, sentence := range r.broken {
		errs = append(errs, errors.New(sentence))
	}
	return errors.Join(errs...)
}

// at is the share q of the sorted times; 0 of none.
func at(sorted []time.Duration, q float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(len(sorted)-1, int(q*float64(len(sorted))))]
}

func round(d time.Duration) string {
	if d > 10*time.Millisecond {
		return d.Round(time.Millisecond).String()
	}
	return d.Round(10 * time.Microsecond).String()
}
