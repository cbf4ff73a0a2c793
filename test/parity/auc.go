package main

import (
	"cmp"
	"slices"
	"time"
)

// auc is the chance that a sample of b took longer than one of a, ties counting
// half: 0.5 where time tells nothing (Mann and Whitney's U over its maximum).
func auc(a, b []time.Duration) float64 {
	type sample struct {
		took time.Duration
		ofB  bool
	}
	all := make([]sample, 0, len(a)+len(b))
	for _, took := range a {
		all = append(all, sample{took, false})
	}
	for _, took := range b {
		all = append(all, sample{took, true})
	}
	slices.SortFunc(all, func(x, y sample) int { return cmp.Compare(x.took, y.took) })
	ranks := 0.0
	for from := 0; from < len(all); {
		to := from
		for to < len(all) && all[to].took == all[from].took {
			to++
		}
		for _, s := range all[from:to] {
			if s.ofB {
				ranks += float64(from+to+1) / 2 // ties share the middle of their ranks
			}
		}
		from = to
	}
	n, m := float64(len(a)), float64(len(b))
	return (ranks - m*(m+1)/2) / (n * m)
}
