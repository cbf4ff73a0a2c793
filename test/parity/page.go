package main

import (
	"errors"
	"fmt"
	"math"
	"os"
	"runtime"
	"strings"
	"time"
)

// tolerance is the goal: |AUC − 0.5| over 500 samples a state.
const tolerance = 0.05

func (f finding) tells() bool { return f.area < 0.5-tolerance || f.area > 0.5+tolerance }

// tells names the states that time tells from an unknown address.
func tells(found []finding) error {
	var errs []error
	for _, f := range found {
		if f.tells() {
			errs = append(errs, fmt.Errorf("time tells an account that is %s from an unknown one at %s: AUC %.3f", f.state, f.path, f.area))
		}
	}
	return errors.Join(errs...)
}

const how = `# Does time tell the state of an account?

One copy of auth as a process, asked directly over one connection, one request after the other: %d for each state, the states in
a new order in each round, every request from an address of its own. The figure is the area under the ROC curve (AUC) of telling
that state from an unknown address by the time of one answer: 0.5 is a coin, 1 is always; the goal is within %.2f of 0.5. By
chance alone it lies within ±%.3f in 95 of 100 runs.

%s, %s on %d processors, load %s.

| request | account | AUC | median | p95 | |
|---|---|---|---|---|---|
`

// chance is twice the standard deviation of the area of two samples of one
// distribution, n each (Hanley and McNeil 1982: (2n+1)/12n² where it is 0.5).
func chance(n int) float64 {
	return 1.96 * math.Sqrt(float64(2*n+1)/(12*float64(n)*float64(n)))
}

func page(found []finding, samples int) string {
	var text strings.Builder
	load, _ := os.ReadFile("/proc/loadavg") // where there is one
	first, _, _ := strings.Cut(string(load), " ")
	fmt.Fprintf(&text, how, samples, tolerance, chance(samples), time.Now().UTC().Format("2006-01-02 15:04 UTC"), runtime.Version(), runtime.NumCPU(), first)
	for _, f := range found {
		area, verdict := fmt.Sprintf("%.3f", f.area), "reached"
		switch {
		case f.first:
			area, verdict = "", ""
		case f.tells():
			verdict = "missed"
		}
		fmt.Fprintf(&text, "| %s | %s | %s | %s | %s | %s |\n", f.path, f.state, area, short(f.median), short(f.p95), verdict)
	}
	return text.String()
}

func short(d time.Duration) string { return d.Round(10 * time.Microsecond).String() }
