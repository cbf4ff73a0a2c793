package failure

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Report is what happened, what clients saw of it, and what the oracles found.
type Report struct {
	Took     time.Duration `json:"took"`
	Events   []Event       `json:"events"`
	Routes   []Route       `json:"routes"`
	Verdicts []Verdict     `json:"verdicts"`
	Contacts []Contact     `json:"contacts"`
}

// Contact is what one of those who listen got.
type Contact struct {
	Name    string `json:"name"`
	Alarms  int    `json:"alarms"`  // different tickets
	Again   int    `json:"again"`   // escalations
	Dropped int    `json:"dropped"` // sent twice under one number
}

func (r *Run) report(ctx context.Context, started time.Time) *Report {
	rep := &Report{Routes: r.saw.Routes()} // before the oracles ask questions of their own
	for _, o := range Oracles() {
		rep.Verdicts = append(rep.Verdicts, o.Judge(ctx, r))
	}
	for _, e := range r.ears {
		rep.Contacts = append(rep.Contacts, e.summary())
	}
	r.mu.Lock()
	rep.Events = slices.Clone(r.events)
	r.mu.Unlock()
	rep.Took = time.Since(started)
	return rep
}

// Broken lists every broken promise.
func (r *Report) Broken() []string {
	var all []string
	for _, v := range r.Verdicts {
		for _, sentence := range v.Broken {
			all = append(all, v.Oracle+": "+sentence)
		}
	}
	return all
}

// kind is all faults of one name.
type kind struct {
	times   int
	slowest time.Duration
	failed  string
}

func (r *Report) kinds() map[string]kind {
	kinds := map[string]kind{}
	for _, e := range r.Events {
		k := kinds[e.Fault]
		k.times, k.slowest = k.times+1, max(k.slowest, e.Healed)
		if e.Failed != "" {
			k.failed = e.Failed
		}
		kinds[e.Fault] = k
	}
	return kinds
}

// Markdown is the report for people.
func (r *Report) Markdown() string {
	var t strings.Builder
	fmt.Fprintf(&t, "# Failure run\n\n%d faults in %s.\n\n", len(r.Events), r.Took.Round(time.Second))
	r.Tally().write(&t)
	r.broken(&t)
	r.seen(&t)
	r.found(&t)
	return t.String()
}

func (r *Report) broken(t *strings.Builder) {
	t.WriteString("## What was broken\n\n| fault | times | all healthy again after, at most |\n|---|---|---|\n")
	kinds := r.kinds()
	for _, name := range slices.Sorted(maps.Keys(kinds)) {
		k := kinds[name]
		fmt.Fprintf(t, "| %s | %d | %s %s |\n", name, k.times, k.slowest.Round(10*time.Millisecond), k.failed)
	}
	const most = 50 // more than that nobody reads one by one
	if len(r.Events) > most {
		return
	}
	t.WriteString("\n| at | fault | process | all healthy again after | the last to be |\n|---|---|---|---|---|\n")
	for _, e := range r.Events {
		fmt.Fprintf(t, "| %s | %s | %s | %s %s | %s |\n", e.At.Round(100*time.Millisecond), e.Fault, e.Target, e.Healed.Round(10*time.Millisecond), e.Failed, e.Last)
	}
}

func (r *Report) seen(t *strings.Builder) {
	t.WriteString("\n## What clients saw\n\nOutcomes of single attempts; apps try again. The gap is the longest time between two good answers of a route, over all phones.\n\n| route | outcomes | longest gap |\n|---|---|---|\n")
	for _, route := range r.Routes {
		var outcomes []string
		for _, o := range slices.Sorted(maps.Keys(route.Outcomes)) {
			outcomes = append(outcomes, fmt.Sprintf("%s: %d", o, route.Outcomes[o]))
		}
		fmt.Fprintf(t, "| %s | %s | %.2f s |\n", route.Route, strings.Join(outcomes, ", "), route.LongestGap)
	}
	t.WriteString("\n| contact | alarms | told again | dropped as duplicates |\n|---|---|---|---|\n")
	for _, c := range r.Contacts {
		fmt.Fprintf(t, "| %s | %d | %d | %d |\n", c.Name, c.Alarms, c.Again, c.Dropped)
	}
}

func (r *Report) found(t *strings.Builder) {
	t.WriteString("\n## What the oracles found\n\n| promise | counted |\n|---|---|\n")
	for _, v := range r.Verdicts {
		for _, name := range slices.Sorted(maps.Keys(v.Counts)) {
			fmt.Fprintf(t, "| %s | %s: %d |\n", v.Oracle, name, v.Counts[name])
		}
	}
	broken := r.Broken()
	fmt.Fprintf(t, "\nBroken promises: %d\n", len(broken))
	for _, sentence := range broken {
		fmt.Fprintf(t, "- %s\n", sentence)
	}
}
