package postgres

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"syscall"
	"time"
)

// socket is a TCP connection that its connector can cut.
type socket struct {
	*net.TCPConn
	closed func()
}

// Close ends it.
func (s *socket) Close() error {
	s.closed()
	return s.TCPConn.Close()
}

// dialer is lib/pq's way to the network, to one host.
type dialer struct {
	lines *lines
	host  int
}

// DialContext connects. A machine that vanishes without a word is noticed within
// 10 s + 3 × 5 s, also by a query that waits for its answer.
func (d dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	keepAlive := net.KeepAliveConfig{Enable: true, Idle: 10 * time.Second, Interval: 5 * time.Second, Count: 3}
	opened, err := (&net.Dialer{KeepAliveConfig: keepAlive}).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	tcp, ok := opened.(*net.TCPConn)
	if !ok {
		return nil, errors.Join(fmt.Errorf("postgres: only TCP leads to a database here, not %s", network), opened.Close())
	}
	s := &socket{TCPConn: tcp}
	held := d.lines.add(d.host, func() { _ = tcp.Close() })
	s.closed = func() { d.lines.remove(held) }
	if a, ok := ctx.Value(attemptKey{}).(*attempt); ok {
		a.reached(s)
	}
	return s, nil
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

// attempt is one connecting. lib/pq neither shows its socket nor heeds a
// context once it is connected: the handshake with a server that has frozen
// would take all of its time-out.
type attempt struct {
	mu      sync.Mutex
	socket  *socket
	aborted bool
}

type attemptKey struct{}

func (a *attempt) reached(s *socket) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.socket = s
	if a.aborted {
		_ = s.TCPConn.Close()
	}
}

func (a *attempt) abort() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.aborted = true
	if a.socket != nil {
		_ = a.socket.TCPConn.Close()
	}
}

// quiet looks, without waiting, whether an idle connection has nothing to read,
// as it should: an end or a farewell means that the server has closed it. One
// system call spares the caller a failure, or a statement that is sent twice.
func (s *socket) quiet() bool {
	raw, err := s.SyscallConn()
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
