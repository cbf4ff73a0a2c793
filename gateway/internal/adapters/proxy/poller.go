//go:build linux

package proxy

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
)

// poller watches the connections of all tunnels with one epoll instance, so
// that an idle tunnel has no goroutine: a stack of 2 KiB and half a KiB beside
// it for each direction would be the most of what it costs. Whatever becomes
// readable is moved by a goroutine that ends when there is no more.
type poller struct {
	buffers *buffers

	mu     sync.Mutex
	file   *os.File // nil until the first tunnel
	closed bool
	epoll  syscall.RawConn
	halves map[int32]*half // by descriptor
	moving sync.WaitGroup  // the loop, and what it has started
}

func newPoller(b *buffers) *poller { return &poller{buffers: b, halves: make(map[int32]*half)} }

// suits tells whether the poller can watch both, and gets it going.
func (p *poller) suits(a, b net.Conn) bool {
	_, ok1 := a.(syscall.Conn)
	_, ok2 := b.(syscall.Conn)
	return p != nil && ok1 && ok2 && p.start()
}

func (p *poller) start() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.file != nil || p.closed {
		return !p.closed
	}
	fd, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return false
	}
	_ = syscall.SetNonblock(fd, true) // or the runtime would not wait for it
	file := os.NewFile(uintptr(fd), "tunnels")
	epoll, err := file.SyscallConn()
	if err != nil {
		_ = file.Close()
		return false
	}
	p.file, p.epoll = file, epoll
	p.moving.Go(p.run)
	return true
}

// run starts whoever has something to move, until the poller is closed. The
// epoll instance is itself waited for by the runtime, which takes no thread.
func (p *poller) run() {
	var events [128]syscall.EpollEvent
	for {
		n := 0
		err := p.epoll.Read(func(fd uintptr) bool {
			n, _ = syscall.EpollWait(int(fd), events[:], 0)
			return n > 0
		})
		if err != nil {
			return
		}
		for _, e := range events[:n] {
			if h := p.of(e.Fd); h != nil {
				p.moving.Go(func() { p.move(h) })
			}
		}
	}
}

func (p *poller) of(fd int32) *half {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.halves[fd]
}

// watch has the half moved whenever something arrives for it.
func (p *poller) watch(h *half) {
	if err := p.control(h, syscall.EPOLL_CTL_ADD); err != nil {
		h.tunnel.end()
	}
}

// control asks for one event of the connection, which this keeps open meanwhile.
func (p *poller) control(h *half, operation int) error {
	raw, err := h.from.(syscall.Conn).SyscallConn() //nolint:forcetypeassert // suits has looked
	if err != nil {
		return err
	}
	failed := raw.Control(func(fd uintptr) {
		descriptor := int32(fd) //nolint:gosec // the kernel's are small
		if operation == syscall.EPOLL_CTL_ADD && !p.remember(h, descriptor) {
			err = net.ErrClosed
			return
		}
		event := syscall.EpollEvent{Events: syscall.EPOLLIN | syscall.EPOLLRDHUP | oneShot, Fd: descriptor}
		if failed := p.epoll.Control(func(epoll uintptr) { err = syscall.EpollCtl(int(epoll), operation, int(fd), &event) }); failed != nil {
			err = failed
		}
	})
	return errors.Join(failed, err)
}

const oneShot = 1 << 30 // EPOLLONESHOT

// remember refuses a tunnel that has ended meanwhile.
func (p *poller) remember(h *half, fd int32) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if h.tunnel.ended.Load() {
		return false
	}
	h.fd = fd
	p.halves[fd] = h
	return true
}

// forget is for a tunnel that has ended, before its connections are closed.
func (p *poller) forget(h *half) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.halves[h.fd] == h {
		delete(p.halves, h.fd)
	}
}

// move moves what there is, and then asks for the next event.
func (p *poller) move(h *half) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch err := p.drain(h); {
	case err == nil:
		if p.control(h, syscall.EPOLL_CTL_MOD) != nil {
			h.tunnel.end()
		}
	case errors.Is(err, io.EOF):
		h.finished()
	default:
		h.tunnel.end()
	}
}

// drain moves until nothing is left for now.
func (p *poller) drain(h *half) error {
	raw, err := h.from.(syscall.Conn).SyscallConn() //nolint:forcetypeassert // suits has looked
	if err != nil {
		return err
	}
	buf := p.buffers.Get()
	defer p.buffers.Put(buf)
	for {
		n, err := readNow(raw, buf)
		switch {
		case errors.Is(err, syscall.EAGAIN):
			return nil
		case err != nil:
			return err
		case n == 0:
			return io.EOF
		}
		if err := h.send(buf[:n]); err != nil {
			return err
		}
	}
}

// readNow reads what has arrived, and does not wait.
func readNow(raw syscall.RawConn, buf []byte) (n int, err error) {
	failed := raw.Read(func(fd uintptr) bool {
		for {
			if n, err = syscall.Read(int(fd), buf); !errors.Is(err, syscall.EINTR) {
				return true
			}
		}
	})
	if failed != nil {
		return 0, failed
	}
	return n, err
}

// close ends the loop and waits for all that moves. The tunnels have ended.
func (p *poller) close() {
	if p == nil {
		return
	}
	p.mu.Lock()
	p.closed = true
	if p.file != nil {
		_ = p.file.Close()
	}
	p.mu.Unlock()
	p.moving.Wait()
}
