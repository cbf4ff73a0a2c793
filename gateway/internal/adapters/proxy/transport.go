package proxy

import (
	"context"
	"net"
	"net/http"
	"time"
)

const (
	dialTimeout    = time.Second
	keepIdle       = 512              // per instance
	idleTimeout    = 75 * time.Second // below the 90 s after which services close: the gateway lets go first
	maxAnswerHead  = 64 << 10
	keepAliveProbe = 15 * time.Second
)

// dialError marks that no connection came about, so that nothing was sent.
type dialError struct{ error }

func (e dialError) Unwrap() error { return e.error }

type dialer struct{ net.Dialer }

func newDialer() *dialer {
	return &dialer{net.Dialer{Timeout: dialTimeout, KeepAlive: keepAliveProbe}}
}

func (d *dialer) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	conn, err := d.DialContext(ctx, network, addr)
	if err != nil {
		return nil, dialError{err}
	}
	return conn, nil
}

// newTransport: HTTP/1.1 to services on the inside, no proxy from the
// environment, and bodies passed as they are.
func newTransport() *http.Transport {
	return &http.Transport{
		DialContext:            newDialer().dial,
		DisableCompression:     true,
		MaxIdleConnsPerHost:    keepIdle,
		IdleConnTimeout:        idleTimeout,
		MaxResponseHeaderBytes: maxAnswerHead,
	}
}
