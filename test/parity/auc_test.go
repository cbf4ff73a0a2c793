package main

import (
	"testing"
	"time"
)

func TestTheAreaSaysHowOftenOneTakesLonger(t *testing.T) {
	t.Parallel()
	low, high := []time.Duration{1, 2, 3}, []time.Duration{4, 5, 6, 7}
	for name, c := range map[string]struct {
		a, b []time.Duration
		want float64
	}{
		"always": {low, high, 1}, "never": {high, low, 0}, "the same": {low, low, 0.5}, "all ties": {[]time.Duration{1, 1}, []time.Duration{1}, 0.5},
		"two of three": {[]time.Duration{1, 2, 4}, []time.Duration{3}, 2.0 / 3},
	} {
		if got := auc(c.a, c.b); got < c.want-1e-9 || got > c.want+1e-9 {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
