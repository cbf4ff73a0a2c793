package main

import (
	"strings"
	"testing"
	"time"
)

func notes(r *result, trouble string, times ...time.Duration) {
	for _, after := range times {
		r.note(trouble, "ban", []sample{{place{kind: "gateway"}, after}})
	}
}

func TestWhatCountsLateIsMissed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		trouble string
		after   time.Duration
		missed  bool
	}{
		"in time":                    {calmly, p99Goal, false},
		"late while all is well":     {calmly, p99Goal + 1, true},
		"a little later in trouble":  {"trouble", maxGoal, false},
		"too late even in a trouble": {"trouble", maxGoal + 1, true},
	} {
		r := newResult()
		notes(r, c.trouble, 0, c.after)
		if err := r.missed(); (err != nil) != c.missed {
			t.Errorf("%s: %v", name, err)
		}
		if strings.Contains(r.text(), "Missed") != c.missed {
			t.Errorf("%s: the report says %s", name, r.text())
		}
	}
}

func TestAPlaceThatTakesATokenBackIsMissed(t *testing.T) {
	t.Parallel()
	r := newResult()
	notes(r, calmly, time.Millisecond)
	r.broken = append(r.broken, "a token is let in again")
	if r.missed() == nil {
		t.Error("nobody says so")
	}
}
