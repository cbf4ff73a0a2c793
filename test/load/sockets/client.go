package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/gobwas/ws"

	"github.com/loveapp/backend/test/load/internal/loopback"
	"github.com/loveapp/backend/test/load/internal/people"
)

const (
	openLimit  = 60 * time.Second
	bufferSize = 512 // of each socket: a phone's messages are short
	frameLimit = 64 << 10
	deafBuffer = 4 << 10 // what the kernel holds for a client that does not read
)

// client is one phone. Between connect and cut one goroutine reads it.
type client struct {
	crowd  *clients
	person people.Person
	server string
	raw    bool // no handshake, no greeting

	mu   sync.Mutex
	conn net.Conn
	in   *bufio.Reader
	last int64 // the newest seq that it has had
}

// connect tries again where it fails, as a phone does.
func (c *client) connect() (err error) { return c.insist(c.attempt) }

// tries bounds it: a machine that is far too busy is no measurement.
const tries = 10

func (c *client) insist(attempt func() error) (err error) {
	for range tries {
		if err = attempt(); err == nil || c.crowd.ctx.Err() != nil {
			return err
		}
		c.cut()
		time.Sleep(retryAfter)
	}
	return err
}

const retryAfter = 500 * time.Millisecond

func (c *client) attempt() error {
	if err := c.dial(); err != nil || c.raw {
		return err
	}
	greeting, err := c.expect("connected")
	if err != nil {
		return err
	}
	c.last = greeting.Seq
	if c.crowd.room == "" {
		return c.patient()
	}
	if err := c.say(fmt.Sprintf(`{"type":"join","room":%q}`, c.crowd.room)); err != nil {
		return err
	}
	if _, err = c.expect("joined"); err != nil {
		return err
	}
	return c.patient()
}

// comeBack connects, asks for what was missed, and has it.
func (c *client) comeBack() error { return c.insist(c.catchUp) }

func (c *client) catchUp() error {
	if err := c.dial(); err != nil {
		return err
	}
	if _, err := c.expect("connected"); err != nil {
		return err
	}
	if err := c.say(fmt.Sprintf(`{"type":"resume","after":%d}`, c.last)); err != nil {
		return err
	}
	for {
		m, err := c.expect("notification", "resumed")
		if err != nil {
			return err
		}
		c.last = max(c.last, m.Seq)
		if m.Type == "resumed" {
			return c.patient()
		}
	}
}

func (c *client) dial() error {
	ctx, cancel := context.WithTimeout(c.crowd.ctx, openLimit)
	defer cancel()
	conn, err := loopback.Dial(ctx, loopback.Addr(c.person.Phone), c.server)
	if err != nil {
		return errors.New("dial")
	}
	if direct, isTCP := conn.(*net.TCPConn); isTCP && c.crowd.deaf {
		_ = direct.SetReadBuffer(deafBuffer)
	}
	c.mu.Lock()
	c.conn, c.in = conn, bufio.NewReaderSize(conn, bufferSize)
	c.mu.Unlock()
	_ = conn.SetDeadline(time.Now().Add(openLimit))
	if c.raw {
		return nil
	}
	request := "GET /v1/ws HTTP/1.1\r\nHost: " + c.server + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nAuthorization: Bearer " + c.person.Token + "\r\n\r\n"
	if _, err := io.WriteString(conn, request); err != nil {
		return errors.New("handshake")
	}
	answer, err := http.ReadResponse(c.in, nil) //nolint:bodyclose // the connection is the body
	if err != nil {
		return errors.New("handshake")
	}
	if answer.StatusCode != http.StatusSwitchingProtocols {
		return fmt.Errorf("status %d", answer.StatusCode)
	}
	return nil
}

// patient: from here on the socket may be silent for as long as it likes.
func (c *client) patient() error { return c.conn.SetDeadline(time.Time{}) }

type message struct {
	Type string `json:"type"`
	Seq  int64  `json:"seq"`
}

// expect reads the next message, which must be of one of the types.
func (c *client) expect(types ...string) (m message, err error) {
	text, err := c.read()
	if err != nil {
		return m, err
	}
	if err := json.Unmarshal(text, &m); err != nil {
		return m, errors.New("no JSON")
	}
	if slices.Contains(types, m.Type) {
		return m, nil
	}
	return m, fmt.Errorf("%s instead of %v", m.Type, types)
}

// listen reads until the connection ends.
func (c *client) listen() {
	for {
		text, err := c.read()
		if err != nil {
			c.cut()
			return
		}
		c.crowd.came(text)
	}
}

// read gives the next text message; pings are answered on the way.
func (c *client) read() ([]byte, error) {
	for {
		header, err := ws.ReadHeader(c.in)
		if err != nil {
			return nil, errors.New("read")
		}
		if header.Length > frameLimit || !header.Fin {
			return nil, errors.New("frame")
		}
		payload := make([]byte, header.Length)
		if _, err := io.ReadFull(c.in, payload); err != nil {
			return nil, errors.New("read")
		}
		switch header.OpCode {
		case ws.OpText:
			return payload, nil
		case ws.OpPing:
			if err := c.write(ws.OpPong, payload); err != nil {
				return nil, err
			}
		case ws.OpClose:
			code := uint16(0)
			if len(payload) >= 2 {
				code = binary.BigEndian.Uint16(payload)
			}
			return nil, fmt.Errorf("close %d", code)
		default:
		}
	}
}

func (c *client) say(text string) error { return c.write(ws.OpText, []byte(text)) }

func (c *client) write(op ws.OpCode, payload []byte) error {
	frame, err := ws.CompileFrame(ws.MaskFrameInPlace(ws.NewFrame(op, true, payload)))
	if err != nil {
		return err
	}
	if _, err := c.conn.Write(frame); err != nil {
		return errors.New("write")
	}
	return nil
}

func (c *client) cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.conn != nil {
		_ = c.conn.Close()
	}
}
