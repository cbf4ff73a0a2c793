package gatewaytest

import (
	"errors"
	"net"
)

// narrow is a listener whose connections buffer only so many bytes on their way
// out: over loopback the kernel would take a megabyte, and nobody would wait for
// a slow reader.
type narrow struct {
	net.Listener
	bytes int
}

// Accept sets the buffer of what it accepts.
func (n narrow) Accept() (net.Conn, error) {
	c, err := n.Listener.Accept()
	if err != nil || n.bytes == 0 {
		return c, err
	}
	tcp, ok := c.(*net.TCPConn)
	if !ok {
		return nil, errors.Join(errors.New("gatewaytest: not a TCP connection"), c.Close())
	}
	return c, tcp.SetWriteBuffer(n.bytes)
}
