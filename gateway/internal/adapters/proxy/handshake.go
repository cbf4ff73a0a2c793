package proxy

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/loveapp/backend/gateway/internal/domain"
)

const maxRefusal = 64 << 10 // of an answer other than 101

// upstream is an instance that has answered a handshake.
type upstream struct {
	instance *Instance
	leave    func() // gives the client's seats back
	conn     net.Conn
	limit    *io.LimitedReader
	reader   *bufio.Reader
	resp     *http.Response
	frames   frames // that came right behind it
}

// handshake sends r to an instance and reads the answer. Another instance is
// tried only where no connection came about: a ticket in the query works once.
func (p *Proxy) handshake(r *http.Request, fleet *Fleet, timeout time.Duration) (*upstream, error) {
	ctx, cancel := context.WithTimeout(r.Context(), timeout)
	defer cancel()
	failure := error(errNoInstance)
	var tried []*Instance
	for range maxRetries + 1 {
		i := fleet.choose(tried, time.Now())
		if i == nil {
			break
		}
		tried = append(tried, i)
		conn, err := newDialer().dial(ctx, "tcp", i.addr)
		if err == nil {
			return p.greet(ctx, r, i, conn)
		}
		failure = failed(err, domain.NothingSent)
	}
	return nil, failure
}

func (p *Proxy) greet(ctx context.Context, r *http.Request, i *Instance, conn net.Conn) (*upstream, error) {
	i.open.Add(1)
	up := &upstream{instance: i, leave: nothing, conn: conn, limit: &io.LimitedReader{R: conn, N: maxHandshake}}
	up.reader = bufio.NewReader(up.limit)
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if err := up.exchange(p.outgoing(r, i)); err != nil {
		up.close()
		if ctx.Err() != nil {
			err = errors.Join(err, ctx.Err())
		}
		return nil, failed(err, domain.Answering)
	}
	return up, nil
}

// outgoing is the client's handshake with clean headers.
func (p *Proxy) outgoing(r *http.Request, i *Instance) *http.Request {
	h := r.Header.Clone()
	for _, name := range nominated(h) {
		delete(h, name)
	}
	p.cleanRequest(h, r)
	h.Set("Connection", "Upgrade")
	h.Set("Upgrade", "websocket")
	if _, given := h["User-Agent"]; !given {
		h.Set("User-Agent", "") // else net/http adds its own
	}
	return &http.Request{
		Method: http.MethodGet, Host: i.addr, Header: h, ProtoMajor: 1, ProtoMinor: 1,
		URL: &url.URL{Scheme: "http", Host: i.addr, Path: r.URL.Path, RawQuery: r.URL.RawQuery},
	}
}

func (u *upstream) exchange(req *http.Request) error {
	if err := req.Write(u.conn); err != nil {
		return err
	}
	for {
		resp, err := http.ReadResponse(u.reader, req) //nolint:bodyclose // relay reads it; a 101 has none
		if err != nil {
			return err
		}
		if resp.StatusCode >= http.StatusOK || resp.StatusCode == http.StatusSwitchingProtocols {
			u.resp = resp
			return nil
		}
	}
}

// early is what came right behind the answer's head.
func (u *upstream) early() []byte {
	b, _ := u.reader.Peek(u.reader.Buffered())
	return b
}

// relay passes an answer on that is no 101, and lets go of the instance.
func (u *upstream) relay(w http.ResponseWriter) error {
	defer u.close()
	u.limit.N = maxRefusal
	_ = u.conn.SetDeadline(time.Now().Add(joinTimeout))
	cleanAnswer(u.resp.Header)
	for _, name := range nominated(u.resp.Header) {
		delete(u.resp.Header, name)
	}
	for name, values := range u.resp.Header {
		if domain.MayPass(name) { // a hop's own headers are the same in both directions
			w.Header()[name] = values
		}
	}
	w.WriteHeader(u.resp.StatusCode)
	_, _ = io.Copy(w, u.resp.Body) // the status is out: what is missing, the client sees
	return nil
}

func (u *upstream) close() {
	_ = u.conn.Close()
	u.instance.open.Add(-1)
	u.leave()
}
