package arrivals_test

import (
	"context"
	"math"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/loveapp/backend/test/load/internal/arrivals"
)

var phases = []arrivals.Phase{{For: 10 * time.Second, Rate: 100}, {For: 20 * time.Second, Rate: 300}}

func TestArrivalsAreAsManyAsAskedInEachPhaseAndAsScatteredAsPeopleAre(t *testing.T) {
	t.Parallel()
	offsets := slices.Collect(arrivals.Poisson(phases, 7))
	if !slices.IsSorted(offsets) {
		t.Error("arrivals are out of order")
	}
	var early, late float64
	var gaps []float64
	for i, at := range offsets {
		if at < phases[0].For {
			early++
		} else {
			late++
		}
		if at > phases[0].For && i > 0 {
			gaps = append(gaps, (at - offsets[i-1]).Seconds())
		}
	}
	// Four standard deviations of a Poisson count are 4√n.
	for name, counted := range map[string][2]float64{"first": {early, 1000}, "second": {late, 6000}} {
		if got, want := counted[0], counted[1]; math.Abs(got-want) > 4*math.Sqrt(want) {
			t.Errorf("the %s phase has %v arrivals, want about %v", name, got, want)
		}
	}
	mean, deviation := moments(gaps)
	if ratio := deviation / mean; math.Abs(ratio-1) > 0.1 {
		t.Errorf("gaps deviate by %.2f of their mean, want 1 as between independent people", ratio)
	}
}

func moments(values []float64) (mean, deviation float64) {
	for _, v := range values {
		mean += v / float64(len(values))
	}
	for _, v := range values {
		deviation += (v - mean) * (v - mean) / float64(len(values))
	}
	return mean, math.Sqrt(deviation)
}

func TestTheSameSeedGivesTheSameArrivals(t *testing.T) {
	t.Parallel()
	once, again := slices.Collect(arrivals.Poisson(phases, 1)), slices.Collect(arrivals.Poisson(phases, 1))
	if !slices.Equal(once, again) {
		t.Error("arrivals differ between two runs of one seed")
	}
	if slices.Equal(once, slices.Collect(arrivals.Poisson(phases, 2))) {
		t.Error("another seed gives the same arrivals")
	}
}

func TestSharesAddUpToTheWhole(t *testing.T) {
	t.Parallel()
	var sum float64
	for range 4 {
		sum += arrivals.Expected(arrivals.Share(phases, 4))
	}
	if sum != arrivals.Expected(phases) || arrivals.Total(arrivals.Share(phases, 4)) != 30*time.Second {
		t.Errorf("four shares have %v arrivals in %s, want %v in 30s", sum, arrivals.Total(arrivals.Share(phases, 4)), arrivals.Expected(phases))
	}
}

func TestAServerThatStallsDelaysNobodysDeparture(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const stall = 3 * time.Second
		start := time.Now()
		answered := start.Add(stall) // nothing is answered before
		latencies := make(chan time.Duration, 4)
		every := slices.Values([]time.Duration{0, time.Second, 2 * time.Second, 4 * time.Second})
		arrivals.Run(t.Context(), start, every, func(due time.Time) {
			if !due.Equal(time.Now()) {
				t.Errorf("a request due at %s leaves at %s", due.Sub(start), time.Since(start))
			}
			go func() {
				time.Sleep(time.Until(answered))
				latencies <- time.Since(due)
			}()
		})
		synctest.Wait()
		close(latencies)
		got := slices.Sorted(func(yield func(time.Duration) bool) {
			for l := range latencies {
				if !yield(l) {
					return
				}
			}
		})
		want := []time.Duration{0, time.Second, 2 * time.Second, 3 * time.Second}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("the stall does not show in the latencies (-want +got):\n%s", diff)
		}
	})
}

func TestADriverThatFellBehindCountsFromWhenItShouldHaveSent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		var late []time.Duration
		arrivals.Run(t.Context(), start, slices.Values([]time.Duration{0, time.Second, 2 * time.Second}), func(due time.Time) {
			late = append(late, time.Since(due))
			if len(late) == 1 {
				time.Sleep(5 * time.Second) // the machine was busy elsewhere
			}
		})
		if diff := cmp.Diff([]time.Duration{0, 4 * time.Second, 3 * time.Second}, late); diff != "" {
			t.Errorf("lateness (-want +got):\n%s", diff)
		}
	})
}

func TestRunEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
		defer cancel()
		sent := 0
		arrivals.Run(ctx, time.Now(), slices.Values([]time.Duration{0, time.Minute, 2 * time.Minute}), func(time.Time) { sent++ })
		if sent != 2 {
			t.Errorf("%d requests left in 90 s, want 2", sent)
		}
	})
}
