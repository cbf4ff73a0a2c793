package main

import (
	"strings"
	"testing"
)

func TestAStateThatTimeTellsIsNamed(t *testing.T) {
	t.Parallel()
	found := []finding{
		{path: "/login", state: "unknown", area: 0.5, first: true},
		{path: "/login", state: "locked", area: 0.56},
		{path: "/login", state: "banned", area: 0.44},
		{path: "/login", state: "wrong", area: 0.54},
	}
	err := tells(found)
	if err == nil || !strings.Contains(err.Error(), "locked") || !strings.Contains(err.Error(), "banned") || strings.Contains(err.Error(), "wrong") {
		t.Error(err)
	}
	if text := page(found, 500); strings.Count(text, "| missed |") != 2 || strings.Count(text, "| reached |") != 1 {
		t.Error(text)
	}
}

func TestChanceIsKnown(t *testing.T) {
	t.Parallel()
	if got := chance(500); got < 0.035 || got > 0.037 { // 1.96 × √(1001/3,000,000)
		t.Error(got)
	}
}

func TestAllAddressesAreOfOneLength(t *testing.T) {
	t.Parallel()
	p, length := prober{run: "abc", round: 1}, 0
	for _, q := range questions() {
		for _, s := range q.states {
			for _, n := range []int{0, 499} {
				email := p.email(s, n)
				if length == 0 {
					length = len(email)
				}
				if len(email) != length {
					t.Errorf("%s of %s", email, s.name)
				}
			}
		}
	}
}
