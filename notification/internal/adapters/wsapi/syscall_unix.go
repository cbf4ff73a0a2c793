//go:build unix

package wsapi

import (
	"errors"
	"io"
	"net"
	"syscall"
)

// rawOf gives what lets a connection be read and written without waiting.
func rawOf(conn net.Conn) syscall.RawConn {
	direct, ok := conn.(*net.TCPConn) // what wraps one, such as TLS, must see every byte
	if !ok {
		return nil
	}
	raw, err := direct.SyscallConn()
	if err != nil {
		return nil
	}
	return raw
}

// try writes what the kernel takes at once.
func (s *socket) try(b []byte) (n int, err error) {
	if s.raw == nil {
		return 0, nil
	}
	failed := s.raw.Write(func(fd uintptr) bool {
		n, err = retried(func() (int, error) { return syscall.Write(int(fd), b) })
		return true
	})
	if failed != nil {
		return 0, failed
	}
	if errors.Is(err, syscall.EAGAIN) {
		return 0, nil
	}
	return n, err
}

// read waits for bytes without holding a buffer meanwhile. With nowait it gives
// none where none have come.
func (s *socket) read(nowait bool) (b *buffer, n int, err error) {
	if s.raw == nil {
		return s.readHolding()
	}
	failed := s.raw.Read(func(fd uintptr) bool {
		b = s.server.borrowBuffer()
		n, err = retried(func() (int, error) { return syscall.Read(int(fd), b[:]) })
		if !errors.Is(err, syscall.EAGAIN) {
			return true
		}
		s.server.buffers.Put(b)
		b, n, err = nil, 0, nil
		return nowait
	})
	switch {
	case failed != nil:
		return b, 0, failed
	case err == nil && n == 0 && b != nil:
		return b, 0, io.EOF
	}
	return b, max(n, 0), err
}

func retried(call func() (int, error)) (int, error) {
	for {
		n, err := call()
		if !errors.Is(err, syscall.EINTR) {
			return n, err
		}
	}
}
