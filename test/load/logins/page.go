package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/loveapp/backend/test/load/internal/meter"
)

// page is a report: what was done, what came of it, and whether that is what was aimed at.
type page struct {
	title, how string
	rows       []row
	notes      []string
	busy       float64 // share of the machine that was at work during the run
	load       string  // of the machine before the run: what else it did
	at         time.Time
}

// row is one figure beside its goal; a goal of "" is none.
type row struct {
	what, figure, goal string
	missed             bool
}

func newPage(title, how string) page {
	text, _ := os.ReadFile("/proc/loadavg") // where there is one
	load, _, _ := strings.Cut(string(text), " ")
	return page{title: title, how: how, at: time.Now(), load: load}
}

func (p *page) add(what, figure, goal string, reached bool) {
	p.rows = append(p.rows, row{what, figure, goal, goal != "" && !reached})
}

func (p page) text() string {
	var text strings.Builder
	m := meter.ThisMachine()
	fmt.Fprintf(&text, "# %s\n\n%s\n\n", p.title, p.how)
	fmt.Fprintf(&text, "%s, on %d × %s, Linux %s, %s; load %s before, %.0f %% of all cores busy meanwhile.\n\n", p.at.UTC().Format("2006-01-02 15:04 UTC"), m.Cores, m.CPU, m.Kernel, m.Go, p.load, 100*p.busy)
	text.WriteString("| measured | figure | goal | |\n|---|---|---|---|\n")
	for _, r := range p.rows {
		verdict := ""
		switch {
		case r.missed:
			verdict = "missed"
		case r.goal != "":
			verdict = "reached"
		}
		fmt.Fprintf(&text, "| %s | %s | %s | %s |\n", r.what, r.figure, r.goal, verdict)
	}
	for _, note := range p.notes {
		text.WriteString("\n" + note + "\n")
	}
	return text.String()
}

// missed names what was not reached.
func (p page) missed() error {
	var errs []error
	for _, r := range p.rows {
		if r.missed {
			errs = append(errs, fmt.Errorf("%s: %s, not %s", r.what, r.figure, r.goal))
		}
	}
	return errors.Join(errs...)
}

// at is the share q of the sorted times; 0 of none.
func quantile(sorted []time.Duration, q float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(len(sorted)-1, int(q*float64(len(sorted))))]
}

func sorted(times []time.Duration) []time.Duration {
	slices.Sort(times)
	return times
}

func short(d time.Duration) string {
	switch {
	case d >= 100*time.Millisecond:
		return d.Round(time.Millisecond).String()
	case d >= time.Millisecond:
		return d.Round(10 * time.Microsecond).String()
	default:
		return d.Round(10 * time.Nanosecond).String()
	}
}
