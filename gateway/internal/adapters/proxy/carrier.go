package proxy

import (
	"errors"
	"io"
	"net"
	"time"
)

// stalled is how long a receiver may take nothing before its tunnel ends.
const stalled = 30 * time.Second

// carrier moves the bytes of one direction of a tunnel.
type carrier interface {
	// carry moves what arrives on from to to, in order, until from has ended
	// (nil) or either connection fails. It tells moved of each step.
	carry(from, to net.Conn, moved func(n int)) error
}

// copying carries by reading into a buffer that it keeps: for connections that
// cannot be waited for without one.
type copying struct{ buffers *buffers }

func (c copying) carry(from, to net.Conn, moved func(n int)) error {
	buf := c.buffers.Get()
	defer c.buffers.Put(buf)
	for {
		n, err := from.Read(buf)
		if n > 0 {
			if err := send(to, buf[:n]); err != nil {
				return err
			}
			moved(n)
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func send(to net.Conn, b []byte) error {
	_ = to.SetWriteDeadline(time.Now().Add(stalled))
	_, err := to.Write(b)
	return err
}
