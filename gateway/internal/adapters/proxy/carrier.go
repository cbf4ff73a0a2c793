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
	// carry gives what arrives on from to send, in order, until from has ended
	// (nil) or either fails.
	carry(from net.Conn, send func([]byte) error) error
}

// copying carries by reading into a buffer that it keeps: for connections that
// cannot be waited for without one.
type copying struct{ buffers *buffers }

func (c copying) carry(from net.Conn, send func([]byte) error) error {
	buf := c.buffers.Get()
	defer c.buffers.Put(buf)
	for {
		n, err := from.Read(buf)
		if n > 0 {
			if err := send(buf[:n]); err != nil {
				return err
			}
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
