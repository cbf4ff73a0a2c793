package oidc

import (
	"errors"
	"io"
	"net/http"
	"time"

	"golang.org/x/time/rate"
)

const (
	// A forged token that names an unknown key makes us look for new keys: not
	// more often than once a second, a few to begin with.
	looksPerSecond = 1
	firstLooks     = 5
	// maxAnswer is far above any provider's key set.
	maxAnswer = 1 << 20
)

var errTooOften = errors.New("the provider has been asked for its keys too often lately")

// gate bounds how often a provider is asked, and how much it may answer.
type gate struct {
	next    *http.Transport
	limiter *rate.Limiter
	now     func() time.Time
}

func newGate(now func() time.Time) *gate {
	return &gate{&http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, MaxIdleConns: 2}, rate.NewLimiter(looksPerSecond, firstLooks), now}
}

// RoundTrip implements http.RoundTripper.
func (g *gate) RoundTrip(r *http.Request) (*http.Response, error) {
	if !g.limiter.AllowN(g.now(), 1) {
		return nil, errTooOften
	}
	res, err := g.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	res.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(res.Body, maxAnswer), res.Body}
	return res, nil
}

// CloseIdleConnections lets go of the provider.
func (g *gate) CloseIdleConnections() { g.next.CloseIdleConnections() }
