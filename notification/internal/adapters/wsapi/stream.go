package wsapi

import (
	"bytes"
	"net"
	"net/http"
	"net/url"
	"strconv"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/request"
	"github.com/loveapp/backend/shared/token"
)

// stream answers GET /v1/events. As with a socket, net/http reads the request
// and writes the head of the answer, and then keeps nothing.
func (s *Server) stream(w http.ResponseWriter, r *http.Request) error {
	query, err := parseQuery(r)
	if err != nil {
		return err
	}
	opening, err := s.identifyStream(r, query)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // nginx must not hold events back
	if r.Method == http.MethodHead {
		return nil
	}
	origin, admitted := s.app.Admit(r.Context(), request.From(r.Context()).ClientIP)
	if !admitted {
		return errOrigin
	}
	if !s.admit() {
		s.app.Depart(origin)
		return errFull
	}
	conn, rest, err := takeOver(w)
	if err != nil {
		s.decline()
		s.app.Depart(origin)
		return nil //nolint:nilerr // the client has gone: there is nobody to answer
	}
	opening.bytes = rest
	sock := &socket{server: s, conn: conn, raw: rawOf(conn), early: opening, origin: origin, stream: true}
	if !s.enter(sock) {
		sock.cut()
		s.app.Depart(origin)
		return nil
	}
	s.metrics.streams.Inc()
	s.transport.serve(sock)
	return nil
}

// takeOver sends the head and takes the connection. The answer ends with the
// connection: "identity" is net/http's word for no chunks.
func takeOver(w http.ResponseWriter) (net.Conn, []byte, error) {
	w.Header().Set("Transfer-Encoding", "identity")
	w.WriteHeader(http.StatusOK)
	conn, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return nil, nil, err
	}
	if err := buffered.Flush(); err != nil {
		_ = conn.Close()
		return nil, nil, err
	}
	rest, _ := buffered.Peek(buffered.Reader.Buffered()) // what is buffered is there
	return conn, bytes.Clone(rest), nil
}

// identifyStream: unlike a socket's, a bad ticket is 401, which ends an
// EventSource for good: it would come again with the same one for ever.
func (s *Server) identifyStream(r *http.Request, query url.Values) (*opening, error) {
	o := &opening{}
	var err error
	switch _, given := r.Header["Authorization"]; {
	case given:
		o, err = s.byHeader(r)
	case query.Has("ticket"):
		var p domain.Principal
		p, err = s.app.RedeemTicket(r.Context(), query.Get("ticket"))
		o.principal = &p
	default:
		err = token.ErrUnauthenticated
	}
	if err != nil {
		return nil, err
	}
	o.after, err = lastEvent(r, query)
	return o, err
}

// lastEvent is the id of the last event that the client has had: in the header,
// which a browser sends when it comes back by itself, or in the query, for one
// that comes back with a new ticket.
func lastEvent(r *http.Request, query url.Values) (*domain.Seq, error) {
	field, text := "Last-Event-ID", r.Header.Get("Last-Event-Id")
	if text == "" {
		field, text = "lastEventId", query.Get("lastEventId")
	}
	if text == "" {
		return nil, nil //nolint:nilnil // it has had none
	}
	seq, err := strconv.ParseInt(text, 10, 64)
	if err != nil || seq < 0 {
		return nil, fault.NewInvalid(fault.Field{Field: field, Code: "invalid", Message: "must be the id of an event"})
	}
	after := domain.Seq(seq)
	return &after, nil
}
