package wstest

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Event is one server-sent event as its client sees it (WHATWG HTML section 9.2.6).
type Event struct {
	Name, ID, Retry, Data string
}

// Events is a client of /v1/events.
type Events struct {
	tb   testing.TB
	conn net.Conn
	in   *bufio.Reader
	// LastID is the last id seen: what a browser comes back with.
	LastID string
	// Comments counts lines that are no event.
	Comments int

	line  string // what has come of it
	event Event  // likewise
}

// Listen opens a stream; header holds "Authorization", "Last-Event-ID". Where
// the server refuses, events is nil and the answer says why.
func Listen(tb testing.TB, base, query string, header http.Header, isNarrow bool) (events *Events, answer *http.Response) {
	tb.Helper()
	at, err := url.Parse(base)
	if err != nil {
		tb.Fatal(err)
	}
	dialer := &net.Dialer{Timeout: Patience}
	if isNarrow {
		dialer.Control = narrow
	}
	conn, err := dialer.DialContext(tb.Context(), "tcp", at.Host)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = conn.Close() })
	req, err := http.NewRequestWithContext(tb.Context(), http.MethodGet, base+"/v1/events?"+query, http.NoBody)
	if err != nil {
		tb.Fatal(err)
	}
	for name, values := range header {
		req.Header[http.CanonicalHeaderKey(name)] = values
	}
	req.Header.Set("Accept", "text/event-stream")
	if err := req.Write(conn); err != nil {
		tb.Fatal(err)
	}
	_ = conn.SetReadDeadline(time.Now().Add(Patience))
	answer, err = http.ReadResponse(bufio.NewReader(conn), req)
	if err != nil {
		tb.Fatal(err)
	}
	if answer.StatusCode != http.StatusOK {
		return nil, answer
	}
	return &Events{tb: tb, conn: conn, in: bufio.NewReader(answer.Body)}, answer
}

// Cut ends the stream without a word.
func (e *Events) Cut() { _ = e.conn.Close() }

// Say sends bytes that nobody asked for.
func (e *Events) Say(text string) { _, _ = e.conn.Write([]byte(text)) }

// Next gives the next event; io.EOF once the server has ended the stream.
func (e *Events) Next(within time.Duration) (Event, error) {
	_ = e.conn.SetReadDeadline(time.Now().Add(within))
	for {
		part, err := e.in.ReadString('\n')
		e.line += part
		switch {
		case errors.Is(err, syscall.ECONNRESET), errors.Is(err, io.ErrUnexpectedEOF):
			return Event{}, io.EOF
		case err != nil:
			return Event{}, err // what has come is kept for the next time
		}
		line := strings.TrimSuffix(e.line, "\n")
		e.line = ""
		if line == "" && e.event.Data != "" {
			event := e.event
			e.event = Event{}
			return event, nil
		}
		e.take(line)
	}
}

func (e *Events) take(line string) {
	name, value, _ := strings.Cut(line, ":")
	value = strings.TrimPrefix(value, " ")
	switch name {
	case "":
		if line != "" {
			e.Comments++
		}
	case "event":
		e.event.Name = value
	case "id":
		e.event.ID, e.LastID = value, value
	case "retry":
		e.event.Retry = value
	case "data":
		e.event.Data += value
	}
}

// Expect gives the next event, which must have the name.
func (e *Events) Expect(name string) Event {
	e.tb.Helper()
	event, err := e.Next(Patience)
	if err != nil {
		e.tb.Fatalf("waiting for %s: %v", name, err)
	}
	if event.Name != name {
		e.tb.Fatalf("waiting for %s: got %s %s", name, event.Name, event.Data)
	}
	return event
}

// ExpectEnd waits until the server hangs up; events may come before.
func (e *Events) ExpectEnd() {
	e.tb.Helper()
	for {
		switch _, err := e.Next(Patience); {
		case errors.Is(err, io.EOF):
			return
		case err != nil:
			e.tb.Fatalf("waiting for the end: %v", err)
		}
	}
}
