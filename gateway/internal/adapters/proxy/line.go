package proxy

import (
	"bufio"
	"context"
	"errors"
	"io"
	"math"
	"net"
	"time"
)

const (
	unlimited  = math.MaxInt64
	lineBuffer = 4 << 10 // bytes each way
)

var errAnswerHead = errors.New("the head of the answer is too large")

// line is a connection to an instance, and one exchange at a time on it.
type line struct {
	net.Conn
	lines  *lines
	addr   string
	reader *bufio.Reader
	writer *bufio.Writer
	left   int64     // bytes that the instance may still send
	fails  time.Time // the connection's deadline
	probe  probe

	kept    bool        // it has served an exchange before
	sent    int         // bytes of this one's request that have left
	heard   bool        // the answer of this one has begun
	release func() bool // ends the exchange's hold on the context; false where that has ended first
	since   time.Time   // of its rest
}

func newLine(conn net.Conn, addr string, of *lines) *line {
	l := &line{Conn: conn, lines: of, addr: addr}
	l.reader, l.writer = bufio.NewReaderSize(l, lineBuffer), bufio.NewWriterSize(l, lineBuffer)
	l.probe = newProbe(conn)
	return l
}

// boundSlack is how far behind the time that was asked for an exchange may end:
// setting the deadline anew for each costs more than that is worth.
const boundSlack = 250 * time.Millisecond

// bound has everything fail from until on, or a little later.
func (l *line) bound(until time.Time) {
	if until.IsZero() && l.fails.IsZero() {
		return
	}
	if late := l.fails.Sub(until); late < 0 || late > boundSlack {
		if !until.IsZero() {
			until = until.Add(boundSlack)
		}
		l.fails = until
		_ = l.SetDeadline(until)
	}
}

// Write counts what has left.
func (l *line) Write(p []byte) (int, error) {
	n, err := l.Conn.Write(p)
	l.sent += n
	return n, err
}

// Read takes from the connection no more than the instance may send.
func (l *line) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, errAnswerHead
	}
	if int64(len(p)) > l.left {
		p = p[:l.left]
	}
	n, err := l.Conn.Read(p)
	l.left -= int64(n)
	return n, err
}

// Close gives up the connection.
func (l *line) Close() error {
	if l.release != nil {
		l.release()
	}
	return l.Conn.Close()
}

// interrupt ends what the exchange waits for: its context has ended.
func (l *line) interrupt() { _ = l.SetDeadline(time.Unix(1, 0)) }

// lineBody is the body of an answer. When it has been read to its end, the
// connection can serve another exchange.
type lineBody struct {
	io.ReadCloser
	line  *line
	ctx   context.Context //nolint:containedctx // the request's, which bounds reading too
	ended bool
	last  bool // the instance closes the connection after this answer
}

// Read fails with the context's error where that has ended.
func (b *lineBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	switch {
	case errors.Is(err, io.EOF):
		b.ended = true
	case err != nil:
		if cause := context.Cause(b.ctx); cause != nil {
			err = cause
		}
	}
	return n, err
}

// Close gives the connection back, or up where it cannot be used again. Closing twice is harmless.
func (b *lineBody) Close() error {
	l := b.line
	if l == nil {
		return nil
	}
	b.line = nil
	if b.ended && !b.last && l.reader.Buffered() == 0 && l.release() {
		l.lines.keep(l)
		return nil
	}
	return l.Close()
}
