package domain

import "time"

// The breakers look at the last BreakerWindow. Numbers are Envoy's and Hystrix's
// defaults where those agree: half of at least twenty, or five in a row for one instance.
const (
	BreakerWindow = 10 * time.Second
	BreakerBucket = time.Second
	BreakerPause  = 5 * time.Second // open this long, then a few probes
	BreakerProbes = 3

	breakerVolume  = 20
	breakerRatio   = 0.5
	ejectionStreak = 5
)

// Outcome is how an exchange with an instance ended, as far as breakers care.
type Outcome uint8

// The outcomes.
const (
	Succeeded Outcome = iota
	Failed            // a dial error, a broken connection, a time-out, 5xx
	Ignored           // the client left, or the request was at fault (4xx): says nothing about the instance
)

// OutcomeOf judges an answer by its status.
func OutcomeOf(status int) Outcome {
	switch {
	case status >= 500:
		return Failed
	case status >= 400:
		return Ignored
	default:
		return Succeeded
	}
}

// Tally is what a breaker has counted in its window.
type Tally struct {
	Succeeded, Failed, FailedInRow uint32
}

// ServiceTrips tells whether a service as a whole should be left alone: answering at once
// is kinder than letting everybody wait.
func (t Tally) ServiceTrips() bool {
	return t.Succeeded+t.Failed >= breakerVolume && float64(t.Failed) >= breakerRatio*float64(t.Succeeded+t.Failed)
}

// InstanceTrips tells whether one instance should be ejected.
func (t Tally) InstanceTrips() bool { return t.FailedInRow >= ejectionStreak || t.ServiceTrips() }

// MayEject tells whether one more of so many instances may be ejected: never more than half,
// for those that are left must carry the load.
func MayEject(instances, ejected int) bool { return 2*(ejected+1) <= instances }
