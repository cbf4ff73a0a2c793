package proxy

import (
	"context"
	"math/rand/v2"
	"net"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// closePace spreads the end of many tunnels: five hundred clients a second come back elsewhere.
const closePace = 2 * time.Millisecond

// tunnels are the WebSockets that run through this gateway.
type tunnels struct {
	max     int
	buffers *buffers
	choose  func(from net.Conn) carrier // where there is no poller
	poller  *poller                     // nil where the system has none
	in, out prometheus.Counter

	mu      sync.Mutex
	all     map[*tunnel]struct{}
	closing bool
	running sync.WaitGroup
}

func newTunnels(most int, b *buffers, watch observer) *tunnels {
	return &tunnels{
		max: most, buffers: b, poller: newPoller(b), all: make(map[*tunnel]struct{}),
		choose: func(from net.Conn) carrier { return carrierFor(from, b) },
		in:     watch.tunnelBytes.WithLabelValues("in"), out: watch.tunnelBytes.WithLabelValues("out"),
	}
}

func (t *tunnels) count() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.all)
}

func (t *tunnels) full() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.closing || len(t.all) >= t.max
}

// open starts a tunnel, which from then on owns both connections. It refuses while closing.
func (t *tunnels) open(client net.Conn, up *upstream) bool {
	tun := newTunnel(t, client, up)
	if !t.add(tun) {
		return false
	}
	if !t.poller.suits(client, up.conn) {
		t.carry(tun)
		return true
	}
	for i := range tun.halves {
		t.poller.watch(&tun.halves[i])
	}
	return true
}

// carry gives each half a goroutine.
func (t *tunnels) carry(tun *tunnel) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closing {
		go tun.end() // which wants the lock; close waits for it
		return
	}
	for i := range tun.halves {
		h := &tun.halves[i]
		t.running.Go(func() { h.run(t.choose(h.from)) })
	}
}

func (t *tunnels) add(tun *tunnel) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closing {
		return false
	}
	t.all[tun] = struct{}{}
	t.running.Add(1)
	return true
}

func (t *tunnels) ended(tun *tunnel) {
	t.mu.Lock()
	delete(t.all, tun)
	t.mu.Unlock()
	t.running.Done()
}

// close ends all tunnels, the later ones when ctx ends at the latest, and waits for them.
func (t *tunnels) close(ctx context.Context) {
	t.mu.Lock()
	t.closing = true
	spread := min(time.Duration(len(t.all))*closePace, timeLeft(ctx))
	for tun := range t.all {
		time.AfterFunc(rand.N(spread+1), tun.restart) //nolint:gosec // spreads load, guards nothing
	}
	t.mu.Unlock()
	t.running.Wait()
	t.poller.close()
}

func timeLeft(ctx context.Context) time.Duration {
	deadline, ok := ctx.Deadline()
	if !ok {
		return 0
	}
	return max(0, time.Until(deadline))
}
