package proxy

import (
	"net/http"
	"net/http/httputil"
	"net/netip"
	"slices"
	"strings"

	"github.com/loveapp/backend/gateway/internal/domain"
	"github.com/loveapp/backend/shared/request"
)

// rewrite leaves the choice of the instance to the courier.
func (p *Proxy) rewrite(r *httputil.ProxyRequest) {
	r.Out.URL.Scheme = "http"
	r.Out.URL.RawQuery = r.In.URL.RawQuery // known to parse
	r.Out.Trailer = nil
	p.cleanRequest(r.Out.Header, r.In)
	if exchangeFrom(r.In.Context()).forAll {
		for name := range r.Out.Header {
			if !domain.MayShape(name) {
				delete(r.Out.Header, name)
			}
		}
	}
}

// cleanRequest takes out of h, a copy of r's headers, what may not reach a
// service, and adds what only the gateway may say.
func (p *Proxy) cleanRequest(h http.Header, r *http.Request) {
	for name := range h {
		if !domain.MayPass(name) {
			delete(h, name)
		}
	}
	info := request.From(r.Context())
	h["X-Request-Id"] = []string{info.ID}
	h["X-Forwarded-For"] = []string{info.ClientIP.String()}
	h["X-Forwarded-Host"] = []string{r.Host}
	h["X-Forwarded-Proto"] = []string{p.scheme(r)}
}

// scheme is what the client used, as far as somebody trustworthy says so.
func (p *Proxy) scheme(r *http.Request) string {
	said := r.Header.Get("X-Forwarded-Proto")
	if said != "https" {
		return "http"
	}
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !slices.ContainsFunc(p.config.TrustedProxies, func(t netip.Prefix) bool { return t.Contains(peer.Addr().Unmap()) }) {
		return "http"
	}
	return said
}

// nominated are the headers that a Connection header declares to be for the next hop only.
func nominated(h http.Header) (names []string) {
	for _, line := range h["Connection"] {
		for name := range strings.SplitSeq(line, ",") {
			names = append(names, http.CanonicalHeaderKey(strings.TrimSpace(name)))
		}
	}
	return names
}

// circuitHeader tells operators and tests that the answer came while the
// service's breaker was not closed.
const circuitHeader = "X-Circuit-Breaker"

// theirs tells whether an answer's header is the service's to set: not those
// that describe it, nor those that the gateway sets itself.
func theirs(name string) bool {
	switch name {
	case "Server", "Via", "X-Powered-By", "Alt-Svc",
		"X-Request-Id", "Traceparent", "Ratelimit", "Ratelimit-Policy", circuitHeader,
		"X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy", "Content-Security-Policy", "Strict-Transport-Security":
		return false
	}
	return !strings.HasPrefix(name, "Access-Control-")
}

func cleanAnswer(h http.Header) {
	for name := range h {
		if !theirs(name) {
			delete(h, name)
		}
	}
}

// clean prepares an answer for the client.
func (c *courier) clean(resp *http.Response) error {
	exchangeFrom(resp.Request.Context()).answered()
	cleanAnswer(resp.Header)
	if c.route.Service == domain.Legacy {
		relative(resp)
	}
	if tag := resp.Header.Get("Etag"); tag != "" {
		resp.Header["Etag"] = []string{domain.WeakTag(tag)}
	}
	if circuit := c.fleet.circuit(); circuit != "" {
		resp.Header.Set(circuitHeader, circuit)
	}
	return nil
}
