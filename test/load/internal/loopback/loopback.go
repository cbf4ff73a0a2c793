// Package loopback gives one machine the addresses of many phones: all of
// 127.0.0.0/8 is this machine, and limits by address see each as another one.
package loopback

import (
	"context"
	"net"
	"net/netip"
	"time"
)

// Capacity is how many addresses there are to choose from: 127.64.0.0/10.
const Capacity = 1 << 22

// Addr is the address of phone n, the same for every n that differs by a
// multiple of Capacity. 127.0.0.0/16, where servers listen, has none of them.
func Addr(n int) netip.Addr {
	n %= Capacity
	return netip.AddrFrom4([4]byte{127, byte(64 + n>>16), byte(n >> 8), byte(n)})
}

// Dial connects from an address. The kernel picks the source port when the
// destination is known, so that ports are not the limit of all addresses together.
func Dial(ctx context.Context, from netip.Addr, server string) (net.Conn, error) {
	d := net.Dialer{
		LocalAddr: &net.TCPAddr{IP: from.AsSlice()},
		Control:   choosePortLate,
		KeepAlive: -1, // none: 20,000 sockets' probes would be load of our own
	}
	return d.DialContext(ctx, "tcp", server)
}

// DialBy is Dial that gives up at a point in time.
func DialBy(ctx context.Context, from netip.Addr, server string, deadline time.Time) (net.Conn, error) {
	ctx, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	return Dial(ctx, from, server)
}
