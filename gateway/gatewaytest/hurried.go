package gatewaytest

import (
	"net"
	"time"
)

// hurried is a listener for whose connections the long deadlines, beyond those
// of heads, come so many times sooner: a test of somebody who sends or reads too
// slowly need not wait for as long as people may take.
type hurried struct {
	net.Listener
	times time.Duration
}

// Accept hurries what it accepts.
func (h hurried) Accept() (net.Conn, error) {
	c, err := h.Listener.Accept()
	if err != nil || h.times == 0 {
		return c, err
	}
	return hurriedConn{c, h.times}, nil
}

type hurriedConn struct {
	net.Conn
	times time.Duration
}

// headTime is at most what is left of a deadline for the head of a request.
const headTime = 10 * time.Second

// SetReadDeadline comes sooner.
func (c hurriedConn) SetReadDeadline(t time.Time) error { return c.Conn.SetReadDeadline(c.sooner(t)) }

// SetWriteDeadline comes sooner.
func (c hurriedConn) SetWriteDeadline(t time.Time) error { return c.Conn.SetWriteDeadline(c.sooner(t)) }

func (c hurriedConn) sooner(t time.Time) time.Time {
	if left := time.Until(t); left > headTime {
		return time.Now().Add(left / c.times)
	}
	return t
}
