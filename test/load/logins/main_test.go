package main

import (
	"io"
	"strings"
	"testing"
	"time"
)

func TestAPageNamesWhatWasMissedAndNothingElse(t *testing.T) {
	t.Parallel()
	p := page{title: "A run"}
	p.add("sign-ins", "20", "≥ 35", false)
	p.add("refreshes", "4000", "≥ 2000", true)
	p.add("memory", "90 MiB", "", false)
	err := p.missed()
	if err == nil || !strings.Contains(err.Error(), "sign-ins") || strings.Contains(err.Error(), "refreshes") || strings.Contains(err.Error(), "memory") {
		t.Error(err)
	}
	for _, line := range []string{"| sign-ins | 20 | ≥ 35 | missed |", "| refreshes | 4000 | ≥ 2000 | reached |", "| memory | 90 MiB |  |  |"} {
		if !strings.Contains(p.text(), line+"\n") {
			t.Errorf("%q is missing in\n%s", line, p.text())
		}
	}
}

func TestAShareOfTimes(t *testing.T) {
	t.Parallel()
	times := sorted([]time.Duration{4, 2, 3, 1})
	for q, want := range map[float64]time.Duration{0: 1, 0.5: 3, 0.99: 4, 1: 4} {
		if got := quantile(times, q); got != want {
			t.Errorf("%v: %v, want %v", q, got, want)
		}
	}
	if got := quantile(nil, 0.5); got != 0 {
		t.Error(got)
	}
}

func TestAMeasurementHasAName(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{nil, {"everything"}, {"cores", "-for", "soon"}} {
		if err := command(t.Context(), args, io.Discard); err == nil {
			t.Errorf("%v is taken", args)
		}
	}
}
