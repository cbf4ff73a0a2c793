// Package proxy sends requests and WebSockets to the instances of the services:
// balanced, checked, broken off when they fail, and tried again where that is safe.
package proxy

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/loveapp/backend/gateway/internal/domain"
	"github.com/sony/gobreaker/v2"
)

// Fleet is the instances of one service.
type Fleet struct {
	service domain.Service
	breaker *gobreaker.TwoStepCircuitBreaker[struct{}]
	state   atomic.Int32 // the breaker's, as last told
	budget  budget
	watch   observer
	changed chan struct{} // tells the checker of newcomers

	mu        sync.Mutex // held to change the set and to decide an ejection
	instances atomic.Pointer[[]*Instance]
}

func newFleet(service domain.Service, watch observer) *Fleet {
	f := &Fleet{service: service, watch: watch, changed: make(chan struct{}, 1)}
	f.instances.Store(&[]*Instance{})
	f.budget.fill()
	f.breaker = f.newServiceBreaker()
	return f
}

// Set makes the addresses the fleet. Those that stay keep what is known of them.
func (f *Fleet) Set(addrs []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	known := f.all()
	next := make([]*Instance, 0, len(addrs))
	for _, i := range known {
		if slices.Contains(addrs, i.addr) {
			next = append(next, i)
		}
	}
	for _, addr := range addrs {
		if !slices.ContainsFunc(next, func(i *Instance) bool { return i.addr == addr }) {
			i := f.newInstance(freeName(f.service, next), addr)
			i.late = len(known) > 0 // those there are from the beginning have nobody to wait for
			next = append(next, i)
		}
	}
	f.instances.Store(&next)
	select {
	case f.changed <- struct{}{}:
	default:
	}
}

func freeName(service domain.Service, taken []*Instance) string {
	for n := 1; ; n++ {
		name := fmt.Sprintf("%s-%d", service, n)
		if !slices.ContainsFunc(taken, func(i *Instance) bool { return i.name == name }) {
			return name
		}
	}
}

func (f *Fleet) newInstance(name, addr string) *Instance {
	i := &Instance{name: name, addr: addr}
	i.breaker = f.newInstanceBreaker(i)
	i.ready.Store(!f.checked())
	f.watch.ejections.WithLabelValues(string(f.service), name) // from nought
	return i
}

func (f *Fleet) all() []*Instance { return *f.instances.Load() }

// States are the instances in the order of their names.
func (f *Fleet) States() []State {
	var states []State
	for _, i := range f.all() {
		states = append(states, i.State())
	}
	slices.SortFunc(states, func(a, b State) int {
		if len(a.Name) != len(b.Name) {
			return len(a.Name) - len(b.Name)
		}
		return slices.Compare([]byte(a.Name), []byte(b.Name))
	})
	return states
}

// choose gives the instance with the fewest open requests and tunnels, chance
// among equals, out of the best tier that has not been tried. When none is
// ready, all are candidates: a check may be wrong, and there is nobody else.
// Newcomers are passed over by chance, less and less, where anybody else is left.
func (f *Fleet) choose(tried []*Instance, now time.Time) *Instance {
	var best *Instance
	var bestTier, equals int
	var bestOpen int64
	for _, i := range f.all() {
		if slices.Contains(tried, i) {
			continue
		}
		tier, open := 2*i.tier(now), i.open.Load()
		if w := i.weight(now); w < 1 && rand.Float64() >= w { //nolint:gosec // spreads load, guards nothing
			tier++
		}
		switch {
		case best == nil || tier < bestTier || (tier == bestTier && open < bestOpen):
			best, bestTier, bestOpen, equals = i, tier, open, 1
		case tier == bestTier && open == bestOpen:
			if equals++; rand.IntN(equals) == 0 { //nolint:gosec // spreads load, guards nothing
				best = i
			}
		}
	}
	return best
}
