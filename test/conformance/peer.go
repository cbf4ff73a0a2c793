package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // RFC 6455 section 4.2.2 asks for it; it guards nothing
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"
)

// patience is how long a case waits for the server.
const patience = 30 * time.Second

// peer is one connection to the server under test.
type peer struct {
	conn net.Conn
	in   *bufio.Reader
}

// dial opens a socket, with bytes right behind the handshake, and reads the greeting.
func (t target) dial(ctx context.Context, behind ...[]byte) (*peer, error) {
	p, err := t.connect(ctx)
	if err != nil {
		return nil, err
	}
	key, err := p.ask(t.addr, t.token(), behind...)
	if err == nil {
		err = p.accept(key)
	}
	if err == nil {
		err = p.expect(`"type":"connected"`)
	}
	if err != nil {
		_ = p.conn.Close()
		return nil, fmt.Errorf("open a socket: %w", err)
	}
	return p, nil
}

func (t target) connect(ctx context.Context) (*peer, error) {
	conn, err := (&net.Dialer{Timeout: patience}).DialContext(ctx, "tcp", t.addr)
	if err != nil {
		return nil, err
	}
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return nil, err
	}
	return &peer{conn: conn, in: bufio.NewReader(conn)}, nil
}

// ask sends the handshake.
func (p *peer) ask(host, token string, behind ...[]byte) (key string, err error) {
	var nonce [16]byte
	_, _ = rand.Read(nonce[:]) // never fails (Go 1.24)
	key = base64.StdEncoding.EncodeToString(nonce[:])
	request := "GET /v1/ws HTTP/1.1\r\nHost: " + host + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
		"Sec-WebSocket-Key: " + key + "\r\nSec-WebSocket-Extensions: permessage-deflate\r\nAuthorization: Bearer " + token + "\r\n\r\n"
	b := []byte(request)
	for _, more := range behind {
		b = append(b, more...)
	}
	_, err = p.conn.Write(b)
	return key, err
}

// accept judges the answer to the handshake.
func (p *peer) accept(key string) error {
	answer, err := http.ReadResponse(p.in, nil) //nolint:bodyclose // the connection is the body
	if err != nil {
		return err
	}
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")) //nolint:gosec // see above
	switch {
	case answer.StatusCode != http.StatusSwitchingProtocols:
		return fmt.Errorf("the handshake is answered %s", answer.Status)
	case answer.Header.Get("Sec-Websocket-Accept") != base64.StdEncoding.EncodeToString(sum[:]):
		return errors.New("Sec-WebSocket-Accept is wrong")
	case answer.Header.Get("Sec-Websocket-Extensions") != "":
		return errors.New("an extension is accepted that the server does not have")
	}
	return nil
}

// send writes frames in one piece; chopped, in pieces of that many bytes.
func (p *peer) send(frames []frame, chopped int) error {
	var b []byte
	for _, f := range frames {
		b = append(b, f.bytes()...)
	}
	if chopped <= 0 {
		chopped = max(1, len(b))
	}
	for len(b) > 0 {
		n, err := p.conn.Write(b[:min(chopped, len(b))])
		if err != nil {
			return err
		}
		b = b[n:]
	}
	return nil
}

// received is a frame of the server.
type received struct {
	op      byte
	payload []byte
}

// next reads one frame and holds it against the RFC.
func (p *peer) next() (received, error) {
	var head [2]byte
	if _, err := io.ReadFull(p.in, head[:]); err != nil {
		return received{}, err
	}
	length, err := p.length(head[1])
	if err != nil {
		return received{}, err
	}
	r := received{op: head[0] & 0xf, payload: make([]byte, length)}
	switch {
	case head[0]&0x80 == 0, head[0]&0x70 != 0, head[1]&0x80 != 0:
		return r, fmt.Errorf("the server sends a frame of the form % x", head)
	case r.op != text && r.op != closing && r.op != ping && r.op != pong:
		return r, fmt.Errorf("the server sends opcode %x", r.op)
	}
	_, err = io.ReadFull(p.in, r.payload)
	return r, err
}

const frameLimit = 64 << 10 // what the contract promises

func (p *peer) length(second byte) (uint64, error) {
	length := uint64(second & 0x7f)
	if length > 125 {
		wide := make([]byte, 2)
		if length == 127 {
			wide = make([]byte, 8)
		}
		if _, err := io.ReadFull(p.in, wide); err != nil {
			return 0, err
		}
		length = 0
		for _, b := range wide {
			length = length<<8 | uint64(b)
		}
		if length <= 125 || len(wide) == 8 && length <= 0xffff {
			return 0, fmt.Errorf("the server writes the length %d in %d bytes", length, len(wide))
		}
	}
	if length > frameLimit {
		return 0, fmt.Errorf("the server sends %d bytes in a frame", length)
	}
	return length, nil
}

// expect reads text messages up to one that contains part; the server's pings are passed over.
func (p *peer) expect(part string) error {
	for {
		r, err := p.next()
		switch {
		case err != nil:
			return fmt.Errorf("wait for %s: %w", part, err)
		case r.op == ping:
		case r.op == text && strings.Contains(string(r.payload), part):
			return nil
		default:
			return fmt.Errorf("wait for %s: got %x %q", part, r.op, r.payload)
		}
	}
}

// expectPong reads the answer to a ping.
func (p *peer) expectPong(payload string) error {
	r, err := p.next()
	if err == nil && (r.op != pong || string(r.payload) != payload) {
		err = fmt.Errorf("got %x %q instead of a pong with %q", r.op, r.payload, payload)
	}
	return err
}

// expectClose reads up to the close frame, answers it, and waits for the end of
// the connection.
func (p *peer) expectClose(codes ...uint16) error {
	for {
		r, err := p.next()
		if err != nil {
			return fmt.Errorf("wait for a close frame: %w", err)
		}
		if r.op != closing {
			continue
		}
		code := uint16(1005)
		if len(r.payload) >= 2 {
			code = binary.BigEndian.Uint16(r.payload)
		}
		if !slices.Contains(codes, code) {
			return fmt.Errorf("closed with %d %q, want %v", code, r.payload[min(2, len(r.payload)):], codes)
		}
		_, _ = p.conn.Write(frame{op: closing, payload: r.payload[:min(2, len(r.payload))]}.bytes()) // it may have gone already
		if n, err := io.Copy(io.Discard, p.in); n > 0 || isTimeout(err) {
			return fmt.Errorf("after the close frame come %d bytes, %w", n, err)
		}
		return nil
	}
}

func isTimeout(err error) bool {
	timeout, ok := errors.AsType[net.Error](err)
	return ok && timeout.Timeout()
}

// alive tells that the server still answers.
func (p *peer) alive() error {
	if err := p.send([]frame{says(`{"type":"ping"}`)}, 0); err != nil {
		return err
	}
	return p.expect(`"type":"pong"`)
}
