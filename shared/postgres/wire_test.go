package postgres_test

import (
	"io"
	"net"
	"sync"
	"testing"

	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/httpserver"
)

// wire leads to a server and can be frozen: the connections of that moment stay
// open and pass nothing any more, as when a machine vanishes.
type wire struct {
	addr   config.HostPort
	cut    func() // closes everything, and refuses what comes
	mu     sync.Mutex
	frozen chan struct{} // closed when the connections of now are to freeze
}

func newWire(t *testing.T, to string) *wire {
	t.Helper()
	listener, err := httpserver.Listen(t.Context(), "127.0.0.1", 0)
	if err != nil {
		t.Fatal(err)
	}
	addr, err := config.ParseHosts(listener.Addr().String(), 0)
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{addr: addr[0], frozen: make(chan struct{})}
	var running sync.WaitGroup
	ended := make(chan struct{})
	running.Go(func() { w.accept(listener, to, ended, &running) })
	w.cut = sync.OnceFunc(func() {
		_ = listener.Close()
		close(ended)
		running.Wait()
	})
	t.Cleanup(w.cut)
	return w
}

func (w *wire) freeze() {
	w.mu.Lock()
	defer w.mu.Unlock()
	close(w.frozen)
	w.frozen = make(chan struct{})
}

func (w *wire) accept(listener net.Listener, to string, ended <-chan struct{}, running *sync.WaitGroup) {
	for {
		near, err := listener.Accept()
		if err != nil {
			return
		}
		far, err := net.Dial("tcp", to) //nolint:noctx // ends with the test
		if err != nil {
			_ = near.Close()
			continue
		}
		w.mu.Lock()
		frozen := w.frozen
		w.mu.Unlock()
		running.Go(func() { pass(far, near, frozen) })
		running.Go(func() { pass(near, far, frozen) })
		running.Go(func() {
			<-ended
			_, _ = near.Close(), far.Close()
		})
	}
}

func pass(to, from net.Conn, frozen <-chan struct{}) {
	buffer := make([]byte, 4096)
	for {
		n, err := from.Read(buffer)
		select {
		case <-frozen:
			_, _ = io.Copy(io.Discard, from)
			return
		default:
		}
		if err != nil {
			_ = to.Close()
			return
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}
