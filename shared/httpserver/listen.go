package httpserver

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
	"syscall"
)

// Free ports are taken from below the range that the kernel gives to outgoing
// connections (32768 up): a client that dials a free port up there can be
// connected to itself.
const (
	lowestFree  = 20000
	highestFree = 32000
	freeTries   = 200
)

// Listen opens a TCP listener. Port 0 takes a free one below 32768. The error
// for a taken port, or for a host that is another machine's, says what to do.
func Listen(ctx context.Context, host string, port int) (net.Listener, error) {
	if port != 0 {
		return listen(ctx, host, port)
	}
	for range freeTries {
		l, err := listen(ctx, host, lowestFree+rand.IntN(highestFree-lowestFree)) //nolint:gosec // a port is no secret
		if err == nil || !errors.Is(err, syscall.EADDRINUSE) {
			return l, err
		}
	}
	return nil, fmt.Errorf("no free port between %d and %d", lowestFree, highestFree)
}

func listen(ctx context.Context, host string, port int) (net.Listener, error) {
	addr := net.JoinHostPort(host, strconv.Itoa(port))
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("port %d is taken by another process: stop that one or choose another port: %w", port, err)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("port %d needs more rights than this process has: choose one from 1024 up: %w", port, err)
	case errors.Is(err, syscall.EADDRNOTAVAIL), isUnknown(err):
		return nil, fmt.Errorf("LISTEN_HOST %s is no address of this machine: give 127.0.0.1 for this machine alone or 0.0.0.0 for others too: %w", host, err)
	case err != nil:
		return nil, fmt.Errorf("listen on %s: %w", addr, err)
	}
	return l, nil
}

func isUnknown(err error) bool {
	_, unknown := errors.AsType[*net.DNSError](err)
	return unknown
}
