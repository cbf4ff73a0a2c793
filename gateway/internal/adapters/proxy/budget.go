package proxy

import "sync/atomic"

// The retry budget: a tenth of the requests, and a small reserve for quiet
// times. Retries without a bound turn a bad moment into an outage.
const (
	retryCost    = 10
	budgetLimit  = 10 * retryCost
	requestEarns = 1
)

type budget struct{ tenths atomic.Int64 }

func (b *budget) fill() { b.tenths.Store(budgetLimit) }

func (b *budget) earn() {
	if b.tenths.Load() < budgetLimit {
		b.tenths.Add(requestEarns)
	}
}

func (b *budget) spend() bool {
	if b.tenths.Add(-retryCost) >= 0 {
		return true
	}
	b.tenths.Add(retryCost)
	return false
}
