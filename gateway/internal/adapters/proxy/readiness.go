//go:build unix

package proxy

import (
	"errors"
	"net"
	"syscall"
)

// readiness carries without a buffer while nothing arrives: it waits until the
// connection is readable, borrows one, copies, and gives it back. io.Copy
// between two TCP connections would splice, and hold two pipes for each tunnel.
type readiness struct {
	raw     syscall.RawConn
	buffers *buffers

	buf []byte
	n   int
	err error
}

func carrierFor(from net.Conn, b *buffers) carrier {
	if conn, ok := from.(syscall.Conn); ok {
		if raw, err := conn.SyscallConn(); err == nil {
			return &readiness{raw: raw, buffers: b}
		}
	}
	return copying{b}
}

func (r *readiness) carry(_ net.Conn, send func([]byte) error) error {
	read := r.read
	for {
		if err := r.raw.Read(read); err != nil {
			return err
		}
		if r.n <= 0 || r.err != nil {
			r.giveBack()
			return r.err
		}
		err := send(r.buf[:r.n])
		r.giveBack()
		if err != nil {
			return err
		}
	}
}

// read is called when there may be something; false waits for the next time.
func (r *readiness) read(fd uintptr) bool {
	r.buf = r.buffers.Get()
	for {
		r.n, r.err = syscall.Read(int(fd), r.buf)
		switch {
		case errors.Is(r.err, syscall.EINTR):
			continue
		case errors.Is(r.err, syscall.EAGAIN):
			r.giveBack()
			return false
		}
		return true
	}
}

func (r *readiness) giveBack() {
	r.buffers.Put(r.buf)
	r.buf = nil
}
