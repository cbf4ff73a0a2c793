//go:build unix

package proxy

import (
	"errors"
	"net"
	"syscall"
)

// probe looks at a connection without waiting. It is made once for each: to
// look costs one system call and no memory.
type probe struct {
	raw   syscall.RawConn // nil where the connection cannot be looked at
	look  func(fd uintptr) bool
	quiet *bool
}

func newProbe(conn net.Conn) probe {
	c, ok := conn.(syscall.Conn)
	if !ok {
		return probe{}
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return probe{}
	}
	quiet, b := new(bool), make([]byte, 1)
	return probe{raw: raw, quiet: quiet, look: func(fd uintptr) bool {
		_, err := syscall.Read(int(fd), b)
		*quiet = errors.Is(err, syscall.EAGAIN)
		return true
	}}
}

// silent tells whether a connection on which nothing is asked is open, and has nothing to say.
func (l *line) silent() bool {
	p := l.probe
	if p.raw == nil {
		return true
	}
	*p.quiet = false
	return p.raw.Read(p.look) == nil && *p.quiet
}
