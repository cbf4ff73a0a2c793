// Package arrivals decides when requests leave, whether or not earlier ones
// have come back: people do not wait for each other before they press a button.
package arrivals

import (
	"context"
	"iter"
	"math/rand/v2"
	"time"
)

// Phase is a stretch of time with so many arrivals a second on average.
type Phase struct {
	For  time.Duration `json:"for"`
	Rate float64       `json:"rate"`
}

// Total is how long the phases take together.
func Total(phases []Phase) time.Duration {
	var total time.Duration
	for _, p := range phases {
		total += p.For
	}
	return total
}

// Expected is how many arrivals the phases have on average.
func Expected(phases []Phase) float64 {
	var n float64
	for _, p := range phases {
		n += p.Rate * p.For.Seconds()
	}
	return n
}

// Share is one worker's part: as long, at a fraction of the rate. Poisson
// processes add up, so the parts together are the whole.
func Share(phases []Phase, of int) []Phase {
	parts := make([]Phase, len(phases))
	for i, p := range phases {
		parts[i] = Phase{For: p.For, Rate: p.Rate / float64(of)}
	}
	return parts
}

// Poisson is when the arrivals of independent people fall, counted from the
// beginning, in order. The same seed gives the same arrivals.
func Poisson(phases []Phase, seed uint64) iter.Seq[time.Duration] {
	return func(yield func(time.Duration) bool) {
		chance := rand.New(rand.NewPCG(seed, seed))
		var begin time.Duration
		for _, p := range phases {
			end := begin + p.For
			// Without memory: where a phase begins anew makes no difference.
			for at := begin; p.Rate > 0; {
				at += time.Duration(chance.ExpFloat64() / p.Rate * float64(time.Second))
				if at >= end {
					break
				}
				if !yield(at) {
					return
				}
			}
			begin = end
		}
	}
}

// Run calls send at each arrival, counted from start, until there are no more
// or ctx ends. send gets the time at which its request should have left and
// must not block: latency counted from then has in it what a stalled server, or
// a driver that fell behind, made people wait. After a stall all that is due
// leaves at once.
func Run(ctx context.Context, start time.Time, offsets iter.Seq[time.Duration], send func(due time.Time)) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for offset := range offsets {
		due := start.Add(offset)
		if wait := time.Until(due); wait > 0 {
			timer.Reset(wait)
			select {
			case <-timer.C:
			case <-ctx.Done():
				return
			}
		}
		if ctx.Err() != nil {
			return
		}
		send(due)
	}
}
