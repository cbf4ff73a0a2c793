package proxy

import (
	"context"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// closePace spreads the end of many tunnels: five hundred clients a second come back elsewhere.
const closePace = 2 * time.Millisecond

// tunnels are the WebSockets that run through this gateway.
type tunnels struct {
	max    int
	choose func(from net.Conn) carrier
	watch  observer

	mu      sync.Mutex
	all     map[*tunnel]struct{}
	closing bool
	running sync.WaitGroup
}

func newTunnels(most int, b *buffers, watch observer) *tunnels {
	return &tunnels{
		max: most, watch: watch, all: make(map[*tunnel]struct{}),
		choose: func(from net.Conn) carrier { return carrierFor(from, b) },
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
	tun := &tunnel{client: client, service: up.conn, instance: up.instance}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closing {
		return false
	}
	t.all[tun] = struct{}{}
	leave := up.leave // and not up, whose buffers would stay
	tun.ended = func() { leave(); t.ended(tun) }
	tun.halves.Store(2)
	in, out := t.watch.tunnelBytes.WithLabelValues("in"), t.watch.tunnelBytes.WithLabelValues("out")
	t.running.Go(func() { tun.run(t.choose(tun.client), tun.client, tun.service, in) })
	t.running.Go(func() { tun.run(t.choose(tun.service), tun.service, tun.client, out) })
	return true
}

func (t *tunnels) ended(tun *tunnel) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.all, tun)
}

// close ends all tunnels, the later ones when ctx ends at the latest, and waits for them.
func (t *tunnels) close(ctx context.Context) {
	t.mu.Lock()
	t.closing = true
	spread := min(time.Duration(len(t.all))*closePace, timeLeft(ctx))
	for tun := range t.all {
		time.AfterFunc(rand.N(spread+1), tun.close) //nolint:gosec // spreads load, guards nothing
	}
	t.mu.Unlock()
	t.running.Wait()
}

func timeLeft(ctx context.Context) time.Duration {
	deadline, ok := ctx.Deadline()
	if !ok {
		return 0
	}
	return max(0, time.Until(deadline))
}

// tunnel is one WebSocket: two connections and a goroutine for each direction.
type tunnel struct {
	client, service net.Conn
	instance        *Instance
	halves          atomic.Int32
	ended           func()
}

// halfOpen is how long one side may go on after the other has said its last.
const halfOpen = time.Minute

func (t *tunnel) run(c carrier, from, to net.Conn, moved interface{ Add(float64) }) {
	if err := c.carry(from, to, func(n int) { moved.Add(float64(n)) }); err != nil {
		t.close()
	} else {
		closeWrite(to)
		_ = to.SetReadDeadline(time.Now().Add(halfOpen))
	}
	if t.halves.Add(-1) == 0 {
		t.close()
		t.instance.open.Add(-1)
		t.ended()
	}
}

func (t *tunnel) close() {
	_ = t.client.Close()
	_ = t.service.Close()
}

// closeWrite passes on that one side has finished, so that the other can still answer.
func closeWrite(conn net.Conn) {
	if half, ok := conn.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite()
		return
	}
	_ = conn.Close()
}
