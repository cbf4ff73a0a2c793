package memory

import (
	"sync/atomic"
	"time"

	"github.com/loveapp/backend/shared/fault"
)

var errAway = fault.New(fault.Unavailable, "unavailable", "It is away because the test wants it so.").WithRetryAfter(time.Second)

// Outage makes an adapter unreachable while it is on. Its zero value is off.
type Outage struct{ on atomic.Bool }

// Begin makes every call fail.
func (o *Outage) Begin() { o.on.Store(true) }

// End lets calls through again.
func (o *Outage) End() { o.on.Store(false) }

func (o *Outage) check() error {
	if o.on.Load() {
		return errAway
	}
	return nil
}
