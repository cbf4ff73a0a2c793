package wsapi

import (
	"encoding/base64"
	"net/http"
	"strings"
	"time"

	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/request"
	"github.com/loveapp/backend/shared/token"
)

var (
	errNotUpgrade = fault.New(fault.UpgradeRequired, "upgrade_required", "This path speaks WebSocket, version 13, only.")
	errHandshake  = fault.New(fault.Malformed, "malformed_handshake", "The WebSocket handshake is malformed.")
	errQuery      = fault.New(fault.Malformed, "malformed_query", "The query string cannot be parsed.")
	errOrigin     = fault.New(fault.RateLimited, "rate_limited", "There are too many connections from this address.").WithRetryAfter(5 * time.Second)
	errFull       = fault.New(fault.Unavailable, "unavailable", "This instance takes no more connections; try again.").WithRetryAfter(time.Second)
)

// Routes are the two ways to be connected.
func (s *Server) Routes() []httpserver.Route {
	return []httpserver.Route{
		{Method: http.MethodGet, Pattern: "/v1/ws", Handler: s.upgrade},
		{Method: http.MethodGet, Pattern: "/v1/events", Handler: s.stream},
	}
}

// upgrade answers the handshake. net/http has read it, within its bounds of
// time and size; from here on the connection is ours and net/http keeps nothing.
func (s *Server) upgrade(w http.ResponseWriter, r *http.Request) error {
	if err := checkHandshake(w, r); err != nil {
		return err
	}
	opening, err := s.identify(r)
	if err != nil {
		return err
	}
	if !s.admit() {
		return errFull
	}
	conn, early, err := s.hijack(w, r)
	if err != nil {
		s.decline()
		return nil //nolint:nilerr // the client has gone: there is nobody to answer
	}
	opening.bytes = early
	origin, admitted := s.app.Admit(r.Context(), request.From(r.Context()).ClientIP)
	opening.crowded = !admitted
	sock := &socket{server: s, conn: conn, raw: rawOf(conn), early: opening, origin: origin}
	if !s.enter(sock) {
		sock.cut()
		s.app.Depart(origin)
		return nil
	}
	s.transport.serve(sock)
	return nil
}

// checkHandshake is RFC 6455 section 4.2.1.
func checkHandshake(w http.ResponseWriter, r *http.Request) error {
	versions := r.Header.Values("Sec-Websocket-Version")
	if r.Method != http.MethodGet || !r.ProtoAtLeast(1, 1) || r.ProtoMajor != 1 ||
		!hasToken(r.Header, "Connection", "upgrade") || !hasToken(r.Header, "Upgrade", "websocket") ||
		len(versions) == 1 && versions[0] != "13" {
		h := w.Header()
		h.Set("Upgrade", "websocket")
		h.Set("Connection", "Upgrade")
		h.Set("Sec-WebSocket-Version", "13")
		return errNotUpgrade
	}
	keys := r.Header.Values("Sec-Websocket-Key")
	if len(versions) != 1 || len(keys) != 1 || !isKey(keys[0]) || r.ContentLength != 0 { // a body would be taken for frames
		return errHandshake
	}
	return nil
}

// isKey: 16 bytes in base64.
func isKey(key string) bool {
	raw, err := base64.StdEncoding.DecodeString(key)
	return err == nil && len(raw) == 16
}

func hasToken(h http.Header, name, token string) bool {
	for _, value := range h.Values(name) {
		for item := range strings.SplitSeq(value, ",") {
			if strings.EqualFold(strings.TrimSpace(item), token) {
				return true
			}
		}
	}
	return false
}

// identify finds out who it is. A bad header is answered before the upgrade. A
// bad ticket is answered after it, with a close code: tickets are for browsers,
// which do not show their scripts the status of a failed handshake.
func (s *Server) identify(r *http.Request) (*opening, error) {
	if _, given := r.Header["Authorization"]; given {
		return s.byHeader(r)
	}
	if !strings.Contains(r.URL.RawQuery, "ticket") {
		return &opening{}, nil
	}
	query, err := parseQuery(r)
	if err != nil {
		return nil, err
	}
	if !query.Has("ticket") {
		return &opening{}, nil
	}
	p, err := s.app.RedeemTicket(r.Context(), query.Get("ticket"))
	switch {
	case fault.From(err) == nil:
		return &opening{principal: &p}, nil
	case fault.From(err).Kind == fault.Unauthenticated:
		return &opening{refused: true}, nil
	default:
		return nil, err
	}
}

func (s *Server) byHeader(r *http.Request) (*opening, error) {
	scheme, credential, ok := token.FromHeader(r)
	if !ok || scheme != token.SchemeBearer {
		return nil, token.ErrUnauthenticated
	}
	claims, err := s.verifier.Verify(r.Context(), credential)
	if err != nil {
		return nil, err
	}
	p, err := principalOf(claims)
	if err != nil {
		return nil, err
	}
	return &opening{principal: &p}, nil
}
