package app

import (
	"sync/atomic"
	"time"
)

// retryPause: one request in each asks whether the shared counter is back, so
// that it is in use again well within a second.
const retryPause = 250 * time.Millisecond

// outage remembers that the shared counter is away, so that requests do not wait for it in turn.
type outage struct {
	away  atomic.Bool
	retry atomic.Int64 // ns since 1970: when to ask again
}

// mayTry tells whether to ask the shared counter: always, and while it is away one request in each pause.
func (o *outage) mayTry(now time.Time) bool {
	if !o.away.Load() {
		return true
	}
	at := o.retry.Load()
	return now.UnixNano() >= at && o.retry.CompareAndSwap(at, now.Add(retryPause).UnixNano())
}

// begin tells whether the outage is news.
func (o *outage) begin(now time.Time) bool {
	o.retry.Store(now.Add(retryPause).UnixNano())
	return !o.away.Swap(true)
}

// end tells whether there was an outage.
func (o *outage) end() bool { return o.away.Load() && o.away.Swap(false) }
