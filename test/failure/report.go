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
}

func (r *Run) report(ctx context.Context, started time.Time) *Report {
	rep := &Report{Routes: r.saw.Routes()} // before the oracles ask questions of their own
	for _, o := range Oracles() {
		rep.Verdicts = append(rep.Verdicts, o.Judge(ctx, r))
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

// Markdown is the report for people.
func (r *Report) Markdown() string {
	var t strings.Builder
	fmt.Fprintf(&t, "# Failure run\n\n%d faults in %s.\n\n## What was broken\n\n| at | fault | process | all healthy again after |\n|---|---|---|---|\n", len(r.Events), r.Took.Round(time.Second))
	for _, e := range r.Events {
		fmt.Fprintf(&t, "| %s | %s | %s | %s %s |\n", e.At.Round(100*time.Millisecond), e.Fault, e.Target, e.Healed.Round(10*time.Millisecond), e.Failed)
	}
	t.WriteString("\n## What clients saw\n\nOutcomes of single attempts; apps try again. The gap is the longest time between two good answers of a route, over all phones.\n\n| route | outcomes | longest gap |\n|---|---|---|\n")
	for _, route := range r.Routes {
		var outcomes []string
		for _, o := range slices.Sorted(maps.Keys(route.Outcomes)) {
			outcomes = append(outcomes, fmt.Sprintf("%s: %d", o, route.Outcomes[o]))
		}
		fmt.Fprintf(&t, "| %s | %s | %.2f s |\n", route.Route, strings.Join(outcomes, ", "), route.LongestGap)
	}
	t.WriteString("\n## What the oracles found\n\n| promise | counted |\n|---|---|\n")
	for _, v := range r.Verdicts {
		for _, name := range slices.Sorted(maps.Keys(v.Counts)) {
			fmt.Fprintf(&t, "| %s | %s: %d |\n", v.Oracle, name, v.Counts[name])
		}
	}
	broken := r.Broken()
	fmt.Fprintf(&t, "\nBroken promises: %d\n", len(broken))
	for _, sentence := range broken {
		fmt.Fprintf(&t, "- %s\n", sentence)
	}
	return t.String()
}
