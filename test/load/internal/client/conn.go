package client

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"strconv"
	"time"
)

// Answer is what came back. Body is there if it was asked for.
type Answer struct {
	Status int
	Body   []byte
}

// conn is one connection; one request is on it at a time.
type conn struct {
	raw       net.Conn
	in        *bufio.Reader
	idleSince time.Time
	used      bool // has brought an answer before
	heard     bool // something of the present answer has come
	closing   bool // the server will close it, or where the answer ends is its end
}

func newConn(raw net.Conn) *conn { return &conn{raw: raw, in: bufio.NewReader(raw)} }

func (c *conn) close() { _ = c.raw.Close() } // nothing is left to lose

// stale tells whether the server closed a kept connection before it saw the request.
func (c *conn) stale(err error) bool { return c.used && !c.heard && FaultOf(err) == faultBroken }

func (c *conn) exchange(request []byte, keep bool, deadline time.Time) (Answer, error) {
	c.heard = false
	if err := c.raw.SetDeadline(deadline); err != nil {
		return Answer{}, readFault(err)
	}
	if _, err := c.raw.Write(request); err != nil {
		return Answer{}, readFault(err)
	}
	h, err := c.head()
	if err != nil {
		return Answer{}, readFault(err)
	}
	answer := Answer{Status: h.status}
	answer.Body, err = c.body(h, keep)
	if err != nil {
		return Answer{}, readFault(err)
	}
	c.used = true
	return answer, nil
}

// head is what the client needs of a status line and headers.
type head struct {
	status  int
	length  int64 // -1: not said
	chunked bool
}

func (c *conn) head() (head, error) {
	line, err := c.line()
	if err != nil {
		return head{}, err
	}
	status, err := statusOf(line)
	if err != nil {
		return head{}, err
	}
	h := head{status: status, length: -1}
	for {
		line, err := c.line()
		if err != nil || len(line) == 0 {
			return h, err
		}
		name, value, found := bytes.Cut(line, []byte(":"))
		if !found {
			return h, errMalformed
		}
		if err := c.header(&h, name, bytes.TrimSpace(value)); err != nil {
			return h, err
		}
	}
}

func (c *conn) header(h *head, name, value []byte) error {
	switch {
	case equalFold(name, "content-length"):
		n, err := strconv.ParseUint(string(value), 10, 31)
		if err != nil {
			return errMalformed
		}
		h.length = int64(n)
	case equalFold(name, "transfer-encoding"):
		h.chunked = equalFold(value, "chunked")
	case equalFold(name, "connection"):
		c.closing = equalFold(value, "close")
	}
	return nil
}

// statusOf reads "HTTP/1.1 200 OK".
func statusOf(line []byte) (int, error) {
	const first, last = len("HTTP/1.1 "), len("HTTP/1.1 200")
	if len(line) < last || !bytes.HasPrefix(line, []byte("HTTP/1.1 ")) {
		return 0, errMalformed
	}
	status, err := strconv.Atoi(string(line[first:last]))
	if err != nil {
		return 0, errMalformed
	}
	return status, nil
}

// line is the next one without its end, valid until the next read.
func (c *conn) line() ([]byte, error) {
	line, err := c.in.ReadSlice('\n')
	c.heard = c.heard || len(line) > 0
	if err != nil {
		return nil, err
	}
	return bytes.TrimRight(line, "\r\n"), nil
}

func (c *conn) body(h head, keep bool) ([]byte, error) {
	var body io.Reader
	switch {
	case h.status == http.StatusNoContent || h.status == http.StatusNotModified || !h.chunked && h.length == 0:
		return nil, nil
	case h.chunked:
		return c.chunks(keep)
	case h.length > 0:
		body = io.LimitReader(c.in, h.length)
	default:
		c.closing, body = true, c.in
	}
	text, n, err := take(body, keep)
	if err == nil && h.length > 0 && n < h.length {
		err = io.ErrUnexpectedEOF
	}
	return text, err
}

func (c *conn) chunks(keep bool) ([]byte, error) {
	text, _, err := take(httputil.NewChunkedReader(c.in), keep)
	if err != nil {
		return nil, err
	}
	for { // trailers, up to the empty line, which the reader leaves
		line, err := c.line()
		if err != nil || len(line) == 0 {
			return text, err
		}
	}
}

// take reads to the end, keeping or discarding.
func take(r io.Reader, keep bool) ([]byte, int64, error) {
	if !keep {
		n, err := io.Copy(io.Discard, r)
		return nil, n, err
	}
	text, err := io.ReadAll(r)
	return text, int64(len(text)), err
}

func equalFold(b []byte, lower string) bool { return bytes.EqualFold(b, []byte(lower)) }
