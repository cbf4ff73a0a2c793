package freeport

import (
	"net"
	"strconv"
)

// T is what a test, a benchmark or a program that measures offers.
type T interface {
	Helper()
	Fatalf(format string, args ...any)
	Cleanup(cleanup func())
}

// Reserve gives a port on which nobody listens until the test ends, but who is told of it.
func Reserve(t T) int {
	t.Helper()
	return keep(t, Take)
}

// Addr is Reserve as an address of the loopback.
func Addr(t T) string {
	t.Helper()
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(Reserve(t)))
}

// Listen is a listener on a reserved port: when it is closed, nobody else takes
// its place before the test ends.
func Listen(t T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", Addr(t)) //nolint:noctx // it listens until it is closed
	if err != nil {
		t.Fatalf("listen on a reserved port: %v", err)
	}
	return l
}

// Block gives the first of BlockSize ports, reserved until the test ends.
func Block(t T) int {
	t.Helper()
	return keep(t, TakeBlock)
}

func keep(t T, take func() (*Reservation, error)) int {
	t.Helper()
	r, err := take()
	if err != nil {
		t.Fatalf("%v", err)
	}
	t.Cleanup(r.Release) // after what was started on it has been stopped
	return r.Port
}
