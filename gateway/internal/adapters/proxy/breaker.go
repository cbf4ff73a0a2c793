package proxy

import (
	"errors"
	"time"

	"github.com/loveapp/backend/gateway/internal/domain"
	"github.com/sony/gobreaker/v2"
)

// What breakers are told; nil is success.
var (
	errFailed  = errors.New("failed")
	errIgnored = errors.New("says nothing about the instance")
)

func told(o domain.Outcome) error {
	switch o {
	case domain.Failed:
		return errFailed
	case domain.Ignored:
		return errIgnored
	default:
		return nil
	}
}

func newBreaker(trips func(domain.Tally) bool, changed func(to gobreaker.State)) *gobreaker.TwoStepCircuitBreaker[struct{}] {
	return gobreaker.NewTwoStepCircuitBreaker[struct{}](gobreaker.Settings{
		MaxRequests:  domain.BreakerProbes,
		Interval:     domain.BreakerWindow,
		BucketPeriod: domain.BreakerBucket,
		Timeout:      domain.BreakerPause,
		ReadyToTrip: func(c gobreaker.Counts) bool {
			return trips(domain.Tally{Succeeded: c.TotalSuccesses, Failed: c.TotalFailures, FailedInRow: c.ConsecutiveFailures})
		},
		IsExcluded:    func(err error) bool { return errors.Is(err, errIgnored) },
		OnStateChange: func(_ string, _, to gobreaker.State) { changed(to) },
	})
}

// newServiceBreaker fails fast for the service as a whole.
func (f *Fleet) newServiceBreaker() *gobreaker.TwoStepCircuitBreaker[struct{}] {
	return newBreaker(domain.Tally.ServiceTrips, func(to gobreaker.State) {
		f.state.Store(int32(to)) //nolint:gosec // one of three
		f.watch.serviceBreaker(f.service, to)
	})
}

// newInstanceBreaker ejects one instance. It asks the fleet before it trips,
// and holds its place among the ejected until a probe has succeeded.
func (f *Fleet) newInstanceBreaker(i *Instance) *gobreaker.TwoStepCircuitBreaker[struct{}] {
	trips := func(t domain.Tally) bool { return t.InstanceTrips() && f.mayEject(i) }
	return newBreaker(trips, func(to gobreaker.State) {
		switch to {
		case gobreaker.StateOpen:
			i.ejectedUntil.Store(time.Now().Add(domain.BreakerPause).UnixNano())
			f.watch.ejected(f.service, i)
		case gobreaker.StateClosed:
			i.ejected.Store(false)
			f.watch.readmitted(f.service, i)
		case gobreaker.StateHalfOpen:
		}
	})
}

func (f *Fleet) mayEject(i *Instance) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	ejected := 0
	for _, other := range f.all() {
		if other.ejected.Load() {
			ejected++
		}
	}
	if !domain.MayEject(len(f.all()), ejected) {
		return false
	}
	i.ejected.Store(true)
	return true
}

// circuit is the state of the service's breaker for a response header, "" while all is well.
func (f *Fleet) circuit() string {
	if s := gobreaker.State(f.state.Load()); s != gobreaker.StateClosed {
		return s.String()
	}
	return ""
}
