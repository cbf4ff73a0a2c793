package httpapi

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"strings"
	"sync"

	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/problem"
)

// maxRecorded is a little more than the largest head that the server takes.
const maxRecorded = 24 << 10

var errFraming = fault.New(fault.Malformed, "malformed_request", "The request says in two ways how long its body is.")

// Listener records the heads of requests as they come in. net/http drops a
// Content-Length beside a Transfer-Encoding without a word, and a request that
// says its length twice is an attempt to smuggle one (RFC 9112 section 6.3).
func Listener(l net.Listener) net.Listener { return listener{l} }

type listener struct{ net.Listener }

// Accept wraps what it accepts.
func (l listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &recorder{Conn: c}, nil
}

// recorder keeps the bytes that belong to the head of the request in hand.
type recorder struct {
	net.Conn

	mu     sync.Mutex // the server reads ahead while the handler runs
	head   []byte
	inBody bool
}

// Unwrapped is the connection itself, for a tunnel.
func (c *recorder) Unwrapped() net.Conn { return c.Conn }

// Read records what it reads, outside bodies.
func (c *recorder) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 {
		c.mu.Lock()
		if !c.inBody && len(c.head)+n <= maxRecorded {
			c.head = append(c.head, p[:n]...)
		}
		c.mu.Unlock()
	}
	return n, err
}

// CloseWrite lets the server end its side first, as it does with a bare connection.
func (c *recorder) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// keptRecord is what a connection keeps for its next head.
const keptRecord = 1 << 10

// judge tells whether the recorded request has two lengths, and starts over.
func (c *recorder) judge(r *http.Request) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	guilty := twoLengths(r, c.head)
	c.inBody = r.ContentLength != 0
	if c.head = c.head[:0]; cap(c.head) > keptRecord {
		c.head = nil
	}
	return guilty
}

// resume records again: the body is over.
func (c *recorder) resume() {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.inBody = false
}

type recorderKey struct{}

// ConnContext is for the server: it lets a handler find the record of its connection.
func ConnContext(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, recorderKey{}, c)
}

func recorded(ctx context.Context) *recorder {
	c, _ := ctx.Value(recorderKey{}).(*recorder)
	return c
}

// unambiguous refuses requests with two lengths and closes their connection.
func unambiguous(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := recorded(r.Context())
		if c != nil {
			defer c.resume()
			if c.judge(r) {
				w.Header().Set("Connection", "close")
				problem.Write(w, r, errFraming)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

func twoLengths(r *http.Request, head []byte) bool {
	switch chunked := len(r.TransferEncoding) > 0; {
	case chunked:
		return !mentions(r, head, "Transfer-Encoding") || mentions(r, head, "Content-Length")
	case !r.ProtoAtLeast(1, 1): // net/http ignores a Transfer-Encoding of HTTP/1.0
		return mentions(r, head, "Transfer-Encoding")
	}
	return false
}

// mentions tells whether the request's head, found in what was recorded, has the header.
func mentions(r *http.Request, head []byte, name string) bool {
	at := bytes.Index(head, []byte(r.Method+" "+r.RequestURI+" HTTP/"))
	if at < 0 {
		return false
	}
	for line := range bytes.Lines(head[at:]) {
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			return false
		}
		if field, _, found := bytes.Cut(line, []byte(":")); found && strings.EqualFold(strings.TrimSpace(string(field)), name) {
			return true
		}
	}
	return false
}
