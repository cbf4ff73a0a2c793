// Package wstest is a WebSocket client for tests: it says exactly the bytes that
// it is told to, and sees every frame of the server. It shares no code with the server.
package wstest

import (
	"bufio"
	"crypto/sha1" // RFC 6455 section 4.2.2 has it so
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Patience is how long a client waits for the server.
const Patience = 40 * time.Second

// Handshake is what to open a socket with.
type Handshake struct {
	Query  string // such as "ticket=…"
	Header http.Header
	// Behind is sent in the same segment as the handshake.
	Behind []byte
	// Narrow keeps what the kernel holds for a client that does not read small.
	Narrow bool
	// Without leaves headers out, Instead replaces them: for handshakes that are wrong.
	Without []string
	Instead map[string]string
}

// Bearer is a handshake with an access token.
func Bearer(token string) Handshake {
	return Handshake{Header: http.Header{"Authorization": {"Bearer " + token}}}
}

// Client is one socket.
type Client struct {
	tb   testing.TB
	conn net.Conn
	in   *bufio.Reader
}

const key = "dGhlIHNhbXBsZSBub25jZQ=="

// Request is the handshake as it goes over the wire.
func (h Handshake) Request(host string) []byte {
	var b strings.Builder
	path := "/v1/ws"
	if h.Query != "" {
		path += "?" + h.Query
	}
	b.WriteString("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n")
	for _, line := range [][2]string{{"Upgrade", "websocket"}, {"Connection", "keep-alive, Upgrade"}, {"Sec-WebSocket-Key", key}, {"Sec-WebSocket-Version", "13"}} {
		value := line[1]
		if instead, ok := h.Instead[line[0]]; ok {
			value = instead
		}
		if !slices.Contains(h.Without, line[0]) {
			b.WriteString(line[0] + ": " + value + "\r\n")
		}
	}
	for name, values := range h.Header {
		for _, value := range values {
			b.WriteString(name + ": " + value + "\r\n")
		}
	}
	b.WriteString("\r\n")
	return append([]byte(b.String()), h.Behind...)
}

// Dial connects to base, a URL of the service, and sends the handshake. Where
// the server refuses, client is nil and the answer says why.
func Dial(tb testing.TB, base string, h Handshake) (client *Client, answer *http.Response) {
	tb.Helper()
	client, answer, err := Try(tb, base, h)
	if err != nil {
		tb.Fatalf("open a socket: %v", err)
	}
	return client, answer
}

// Try is Dial for servers that may be gone.
func Try(tb testing.TB, base string, h Handshake) (client *Client, answer *http.Response, err error) {
	tb.Helper()
	at, err := url.Parse(base)
	if err != nil {
		return nil, nil, err
	}
	dialer := &net.Dialer{Timeout: Patience}
	if h.Narrow {
		dialer.Control = narrow
	}
	conn, err := dialer.DialContext(tb.Context(), "tcp", at.Host)
	if err != nil {
		return nil, nil, err
	}
	tb.Cleanup(func() { _ = conn.Close() })
	if _, err := conn.Write(h.Request(at.Host)); err != nil {
		return nil, nil, err
	}
	c := &Client{tb: tb, conn: conn, in: bufio.NewReader(conn)}
	_ = conn.SetReadDeadline(time.Now().Add(Patience))
	answer, err = http.ReadResponse(c.in, nil)
	if err != nil {
		return nil, nil, err
	}
	if answer.StatusCode != http.StatusSwitchingProtocols {
		return nil, answer, nil
	}
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	if got := answer.Header.Get("Sec-WebSocket-Accept"); got != base64.StdEncoding.EncodeToString(sum[:]) {
		return nil, nil, fmt.Errorf("Sec-WebSocket-Accept is %q", got)
	}
	return c, answer, nil
}

// narrow must come before the connection: the window is agreed on then.
func narrow(_, _ string, raw syscall.RawConn) (err error) {
	const bytes = 8 << 10
	failed := raw.Control(func(fd uintptr) {
		err = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, bytes)
	})
	return errors.Join(failed, err)
}

// Open is Dial where the server must agree.
func Open(tb testing.TB, base string, h Handshake) *Client {
	tb.Helper()
	client, answer := Dial(tb, base, h) //nolint:bodyclose // the connection is the body, and its cleanup closes it
	if client == nil {
		tb.Fatalf("the handshake was answered %s", answer.Status)
	}
	return client
}

// Connect is Open with a token, up to the connected message.
func Connect(tb testing.TB, base, token string) (*Client, Message) {
	tb.Helper()
	client := Open(tb, base, Bearer(token))
	return client, client.Expect("connected")
}

// Cut ends the connection without a word.
func (c *Client) Cut() { _ = c.conn.Close() }

// isTimeout tells whether nothing came in time.
func isTimeout(err error) bool { return errors.Is(err, os.ErrDeadlineExceeded) }
