package postgres

import (
	"context"
	"errors"
	"net"
	"syscall"
	"time"
)

// dialer is lib/pq's way to the network. It leaves the socket where the context
// says, because lib/pq does not show it, and quiet has to look at it.
type dialer struct{}

type socketKey struct{}

// DialContext connects. A machine that vanishes without a word is noticed within
// 10 s + 3 × 5 s, also by a query that waits for its answer.
func (dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	d := net.Dialer{KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 10 * time.Second, Interval: 5 * time.Second, Count: 3}}
	socket, err := d.DialContext(ctx, network, address)
	if place, ok := ctx.Value(socketKey{}).(*net.Conn); ok {
		*place = socket
	}
	return socket, err
}

// Dial is DialContext for those who have no context.
func (d dialer) Dial(network, address string) (net.Conn, error) {
	return d.DialContext(context.Background(), network, address)
}

// DialTimeout is Dial with a limit.
func (d dialer) DialTimeout(network, address string, limit time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	return d.DialContext(ctx, network, address)
}

// quiet looks, without waiting, whether an idle connection has nothing to read,
// as it should: an end or a farewell means that the server has closed it. One
// system call spares the caller a failure, or a statement that is sent twice.
func quiet(socket net.Conn) bool {
	under, ok := socket.(syscall.Conn)
	if !ok {
		return true
	}
	raw, err := under.SyscallConn()
	if err != nil {
		return false
	}
	nothing := false
	err = raw.Read(func(fd uintptr) bool {
		var peeked [1]byte
		_, _, err := syscall.Recvfrom(int(fd), peeked[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		nothing = errors.Is(err, syscall.EAGAIN)
		return true
	})
	return err == nil && nothing
}
