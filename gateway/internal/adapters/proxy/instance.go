package proxy

import (
	"sync/atomic"
	"time"

	"github.com/loveapp/backend/gateway/internal/domain"
	"github.com/sony/gobreaker/v2"
)

// Instance is one address of a service, and what is known about it.
type Instance struct {
	name    string // what people may see: auth-1
	addr    string // host:port, for dialing and the log only
	breaker *gobreaker.TwoStepCircuitBreaker[struct{}]

	open         atomic.Int64 // requests and tunnels
	ready        atomic.Bool  // as its own health page says
	latency      atomic.Int64 // of the last check, ns
	ejected      atomic.Bool  // from the trip until a probe has succeeded
	ejectedUntil atomic.Int64 // ns since 1970: nothing is sent before
	servingSince atomic.Int64 // ns since 1970, of an instance that came while others served; 0 = from the beginning
	pace         pace

	failedChecks int  // the checker's own
	late         bool // the next time that it gets ready it is a newcomer; the checker's own
}

// gotReady puts the instance into service.
func (i *Instance) gotReady(now time.Time) {
	if i.late && !i.ready.Load() {
		i.servingSince.Store(now.UnixNano())
	}
	i.late = true
	i.ready.Store(true)
}

// weight is the chance with which the instance is considered for a request.
func (i *Instance) weight(now time.Time) float64 {
	since := i.servingSince.Load()
	if since == 0 {
		return 1
	}
	return domain.Weight(time.Duration(now.UnixNano() - since))
}

// State is what is known about an instance.
type State struct {
	Name    string
	Ready   bool
	Ejected bool
	Open    int64
	Latency time.Duration
}

// State is a copy for health pages and metrics.
func (i *Instance) State() State {
	return State{
		Name: i.name, Ready: i.ready.Load(), Ejected: i.ejected.Load(),
		Open: i.open.Load(), Latency: time.Duration(i.latency.Load()),
	}
}

// tier orders instances by how likely they are to answer; lower is better.
func (i *Instance) tier(now time.Time) int {
	tier := 0
	if !i.ready.Load() {
		tier = 2
	}
	if i.ejected.Load() && now.UnixNano() < i.ejectedUntil.Load() {
		tier++
	}
	return tier
}
