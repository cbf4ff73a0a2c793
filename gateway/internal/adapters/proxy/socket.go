package proxy

import (
	"crypto/sha1" //nolint:gosec // RFC 6455 section 4.2.2 asks for it; it guards nothing
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/loveapp/backend/gateway/internal/domain"
	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/httpserver"
)

const (
	maxHandshake = 8 << 10
	acceptGUID   = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11" // RFC 6455 section 1.3
)

var (
	errNoUpgrade    = fault.New(fault.Malformed, "upgrade_required", "This path takes WebSocket handshakes (RFC 6455, version 13) only.")
	errHandshakeBig = fault.New(fault.HeadersTooLarge, "headers_too_large", "The handshake is too large.")
	errTunnelsFull  = fault.New(fault.Unavailable, "unavailable", "This gateway holds as many sockets as it can. Try again shortly.").WithRetryAfter(2 * time.Second)
)

// socketHandler joins a client's WebSocket with one to an instance. ReverseProxy
// cannot be used for that: it loses what arrives right behind a handshake, lets
// other protocols through, and holds two buffers for every idle socket.
func (p *Proxy) socketHandler(route domain.Route) httpserver.Handler {
	fleet := p.fleets[route.Service]
	return func(w http.ResponseWriter, r *http.Request) error {
		if err := checkHandshake(r); err != nil {
			w.Header().Set("Sec-WebSocket-Version", "13")
			return err
		}
		if p.tunnels.full() {
			return errTunnelsFull
		}
		leave, ok := p.seats.take(domain.CallerFrom(r.Context()))
		if !ok {
			p.watch.seatless.Inc()
			return errSeatsTaken
		}
		up, err := p.handshake(r, fleet, route.Timeout)
		if err != nil {
			leave()
			return err
		}
		up.leave = leave
		if up.resp.StatusCode != http.StatusSwitchingProtocols {
			return up.relay(w)
		}
		if !accepted(up.resp.Header, r.Header.Get("Sec-Websocket-Key")) {
			up.close()
			return errBadGateway
		}
		return p.join(w, up)
	}
}

// checkHandshake accepts what RFC 6455 section 4.2.1 describes and nothing else.
func checkHandshake(r *http.Request) error {
	key, err := base64.StdEncoding.DecodeString(r.Header.Get("Sec-Websocket-Key"))
	upgrade := r.Header["Upgrade"]
	switch {
	case r.Method != http.MethodGet, !r.ProtoAtLeast(1, 1), r.ContentLength != 0,
		len(upgrade) != 1, !strings.EqualFold(upgrade[0], "websocket"),
		!slices.Contains(nominated(r.Header), "Upgrade"),
		r.Header.Get("Sec-Websocket-Version") != "13", err != nil, len(key) != 16:
		return errNoUpgrade
	case size(r) > maxHandshake:
		return errHandshakeBig
	}
	return nil
}

// size is about what the request's head had on the wire.
func size(r *http.Request) int {
	n := len(r.Method) + len(r.RequestURI) + len(r.Host)
	for name, values := range r.Header {
		for _, v := range values {
			n += len(name) + len(v) + len(": \r\n")
		}
	}
	return n
}

// accepted tells whether an instance's 101 answers this handshake.
func accepted(h http.Header, key string) bool {
	sum := sha1.Sum([]byte(key + acceptGUID)) //nolint:gosec // see above
	return strings.EqualFold(h.Get("Upgrade"), "websocket") &&
		slices.Contains(nominated(h), "Upgrade") &&
		h.Get("Sec-Websocket-Accept") == base64.StdEncoding.EncodeToString(sum[:])
}
