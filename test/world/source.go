package world

import (
	"crypto/rand"
	"net"
	"net/http"
)

// newSource gives a device a loopback address of its own: the door and the
// gateways limit by address, and people do not live in one house.
func newSource() *net.Dialer {
	var raw [3]byte
	_, _ = rand.Read(raw[:]) // never fails (Go 1.24)
	ip := net.IPv4(127, 128|raw[0]>>2, raw[1], raw[2]|1)
	return &net.Dialer{LocalAddr: &net.TCPAddr{IP: ip}, Timeout: Patience}
}

func newClient(t T, source *net.Dialer) *http.Client {
	t.Helper()
	contract, err := Contract()
	if err != nil {
		t.Fatalf("the contract cannot be read: %v", err)
	}
	inner := &http.Transport{DialContext: source.DialContext, ForceAttemptHTTP2: false, MaxIdleConnsPerHost: 4}
	t.Cleanup(inner.CloseIdleConnections)
	return &http.Client{
		Transport:     checked{t: t, contract: contract, next: inner},
		Timeout:       clientTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
