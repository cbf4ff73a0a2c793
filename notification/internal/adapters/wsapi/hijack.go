package wsapi

import (
	"bytes"
	"net"
	"net/http"
	"net/url"

	"github.com/gobwas/ws"
)

// hijack takes the connection over and answers the handshake. What the client
// has sent behind it is in net/http's buffer, which is then left to the collector.
func (s *Server) hijack(w http.ResponseWriter, r *http.Request) (net.Conn, []byte, error) {
	// checkHandshake has read these with all their lines; package ws looks at the first.
	r.Header["Connection"], r.Header["Upgrade"] = []string{"Upgrade"}, []string{"websocket"}
	upgrader := ws.HTTPUpgrader{
		Timeout: s.limits.Handshake,
		Header:  http.Header{"X-Request-Id": w.Header().Values("X-Request-Id")},
	}
	conn, buffered, _, err := upgrader.Upgrade(r, w)
	if err != nil {
		if conn != nil {
			_ = conn.Close()
		}
		return nil, nil, err
	}
	early, err := buffered.Peek(buffered.Reader.Buffered())
	if err != nil {
		_ = conn.Close()
		return nil, nil, err
	}
	return conn, bytes.Clone(early), nil
}

func parseQuery(r *http.Request) (url.Values, error) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, errQuery
	}
	return query, nil
}
