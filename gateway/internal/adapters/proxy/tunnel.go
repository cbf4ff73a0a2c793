package proxy

import (
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// tunnel is one WebSocket: two connections, and a half for each direction.
type tunnel struct {
	of       *tunnels
	halves   [2]half
	instance *Instance
	leave    func() // gives the client's seats back

	open  atomic.Int32 // halves that go on
	ended atomic.Bool
	grace atomic.Pointer[time.Timer] // of the half that goes on alone
}

// half moves what arrives on one connection to the other.
type half struct {
	tunnel   *tunnel
	from, to net.Conn
	moved    interface{ Add(float64) }

	mu sync.Mutex // held while it moves: one at a time, in order
	fd int32      // of from, where a poller watches it

	sending sync.Mutex // held while something is sent on
	frames  frames     // that were sent on, for the end
}

// goodbye is how long a client may take for the Close frame of a gateway that stops.
const goodbye = time.Second

// halfOpen is how long one side may go on after the other has said its last.
const halfOpen = time.Minute

func newTunnel(of *tunnels, client net.Conn, up *upstream) *tunnel {
	t := &tunnel{of: of, instance: up.instance, leave: up.leave} // and not up, whose buffers would stay
	t.halves[0] = half{tunnel: t, from: client, to: up.conn, moved: of.in}
	t.halves[1] = half{tunnel: t, from: up.conn, to: client, moved: of.out, frames: up.frames}
	t.open.Store(2)
	return t
}

// run moves by a goroutine of its own, until from has ended.
func (h *half) run(c carrier) {
	if err := c.carry(h.from, h.send); err != nil {
		h.tunnel.end()
		return
	}
	h.finished()
}

// send passes on what has arrived.
func (h *half) send(b []byte) error {
	h.sending.Lock()
	defer h.sending.Unlock()
	h.frames.pass(b)
	if err := send(h.to, b); err != nil {
		return err
	}
	h.moved.Add(float64(len(b)))
	return nil
}

// restart ends the tunnel because this gateway stops. The client is told to come
// again, unless it has got a part of a frame: the rest of that will not come.
func (t *tunnel) restart() {
	h := &t.halves[1]
	_ = h.to.SetWriteDeadline(time.Now().Add(goodbye)) // also for a send that waits
	h.sending.Lock()
	if h.frames.between() {
		_, _ = h.to.Write(restarting) // a client that does not get it finds out soon enough
	}
	h.sending.Unlock()
	t.end()
}

// finished passes on that from has said its last. The other half may go on for a while.
func (h *half) finished() {
	closeWrite(h.to)
	if h.tunnel.open.Add(-1) == 0 {
		h.tunnel.end()
		return
	}
	h.tunnel.grace.Store(time.AfterFunc(halfOpen, h.tunnel.end))
}

// end closes both connections and gives everything back. Only the first call does anything.
func (t *tunnel) end() {
	if t.ended.Swap(true) {
		return
	}
	if grace := t.grace.Load(); grace != nil {
		grace.Stop()
	}
	for i := range t.halves {
		t.of.poller.forget(&t.halves[i]) // before the descriptor can be another's
	}
	_ = t.halves[0].from.Close()
	_ = t.halves[0].to.Close()
	t.instance.open.Add(-1)
	t.leave()
	t.of.ended(t)
}

// closeWrite passes on that one side has finished, so that the other can still answer.
func closeWrite(conn net.Conn) {
	if half, ok := conn.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite()
		return
	}
	_ = conn.Close()
}
