package proxy

import (
	"net"
	"net/http"
	"net/url"

	"github.com/loveapp/backend/gateway/internal/domain"
)

// relative takes the address of an instance out of a redirect: the monolith
// knows itself by the name that the gateway calls it by, which clients must not.
func relative(resp *http.Response) {
	at, err := url.Parse(resp.Header.Get("Location"))
	if err != nil || at.Host == "" || resp.Request == nil || !sameHost(at.Host, resp.Request.URL.Host) {
		return
	}
	at.Scheme, at.Host, at.User = "", "", nil
	if at.Path == "" {
		at.Path = "/"
	}
	resp.Header["Location"] = []string{at.String()}
}

// sameHost minds no port: a server behind a proxy often does not know its own.
func sameHost(a, b string) bool { return hostOnly(a) == hostOnly(b) }

func hostOnly(s string) string {
	if host, _, err := net.SplitHostPort(s); err == nil {
		return host
	}
	return s
}

// checked tells whether the fleet's instances answer health checks. The
// monolith's do not: it is taken to be ready, and its breaker learns the rest.
func (f *Fleet) checked() bool { return f.service != domain.Legacy }
