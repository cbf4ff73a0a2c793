// Package wiretest puts a wire between a client and a server that a test can cut
// or freeze.
package wiretest

import (
	"io"
	"net"
	"sync"
	"testing"

	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/freeport"
)

// Wire leads to a server and can be frozen: the connections of that moment stay
// open and pass nothing any more, as when a machine vanishes.
type Wire struct {
	Addr   config.HostPort // where clients connect to
	Cut    func()          // closes everything, and refuses what comes
	mu     sync.Mutex
	frozen chan struct{} // closed when the connections of now are to freeze
}

// New leads to the server at the address to, until the test ends.
func New(t testing.TB, to string) *Wire {
	t.Helper()
	return On(t, freeport.Listen(t), to)
}

// On is New at a place of the caller's.
func On(t testing.TB, listener net.Listener, to string) *Wire {
	t.Helper()
	addr, err := config.ParseHosts(listener.Addr().String(), 0)
	if err != nil {
		t.Fatal(err)
	}
	w := &Wire{Addr: addr[0], frozen: make(chan struct{})}
	var running sync.WaitGroup
	ended := make(chan struct{})
	running.Go(func() { w.accept(listener, to, ended, &running) })
	w.Cut = sync.OnceFunc(func() {
		_ = listener.Close()
		close(ended)
		running.Wait()
	})
	t.Cleanup(w.Cut)
	return w
}

// Freeze stops what connections of now carry; new ones work.
func (w *Wire) Freeze() {
	w.mu.Lock()
	defer w.mu.Unlock()
	close(w.frozen)
	w.frozen = make(chan struct{})
}

func (w *Wire) accept(listener net.Listener, to string, ended <-chan struct{}, running *sync.WaitGroup) {
	for {
		near, err := listener.Accept()
		if err != nil {
			return
		}
		far, err := net.Dial("tcp", to)
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
