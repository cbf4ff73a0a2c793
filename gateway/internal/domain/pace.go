package domain

import (
	"slices"
	"time"
)

// An instance that answers, but far more slowly than the others, fails no
// request and still spoils the tail. It is compared with its peers, because
// what is slow depends on what the service does.
const (
	// PaceEvery is how long answers are looked at before they are compared.
	PaceEvery = 2 * time.Second
	// PaceFewest: less says nothing about a mean.
	PaceFewest = 20
	// paceFactor times the typical peer, and paceFloor at least, is too slow.
	paceFactor = 4
	paceFloor  = SlowAfter

	maxPause = time.Minute
)

// Pace is how an instance answered for a while.
type Pace struct {
	Answers int64
	Total   time.Duration
}

// Mean is the mean time until an answer began; 0 without answers.
func (p Pace) Mean() time.Duration {
	if p.Answers == 0 {
		return 0
	}
	return p.Total / time.Duration(p.Answers)
}

// Drags tells whether the instance is too slow beside its peers. Without a peer
// to compare with nobody is.
func (p Pace) Drags(peers []Pace) bool {
	var means []time.Duration
	for _, peer := range peers {
		if peer.Answers >= PaceFewest {
			means = append(means, peer.Mean())
		}
	}
	if p.Answers < PaceFewest || len(means) == 0 {
		return false
	}
	slices.Sort(means)
	typical := means[(len(means)-1)/2] // the lower median: of two peers, the faster one is typical
	return p.Mean() > paceFloor && p.Mean() > paceFactor*typical
}

// Pause is how long an instance that was ejected for its pace for the nth time in a row stays out.
func Pause(times int) time.Duration {
	return min(maxPause, BreakerPause<<min(max(0, times-1), 10))
}
