package wstest

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"syscall"
	"time"
)

// Message is one JSON message of the server.
type Message struct {
	Type         string          `json:"type"`
	ConnectionID string          `json:"connectionId"`
	UserID       string          `json:"userId"`
	Seq          int64           `json:"seq"`
	ExpiresAt    time.Time       `json:"expiresAt"`
	Notification json.RawMessage `json:"notification"`
	IDs          []string        `json:"ids"`
	UnreadCount  int             `json:"unreadCount"`
	RetryAfterMS int64           `json:"retryAfterMs"`
	Code         string          `json:"code"`
	Detail       string          `json:"detail"`
	Room         string          `json:"room"`
	Event        string          `json:"event"`
	ID           string          `json:"id"`
	Data         json.RawMessage `json:"data"`

	Raw string `json:"-"`
}

// ClosedError is how a socket ends.
type ClosedError struct {
	Code   int // 0 = without a close frame
	Reason string
}

func (e ClosedError) Error() string { return "the socket was closed: " + e.Reason }

// Next gives the server's next message. It answers pings on the way.
func (c *Client) Next(within time.Duration) (Message, error) {
	for deadline := time.Now().Add(within); ; {
		f, err := c.ReadFrame(time.Until(deadline))
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET):
			return Message{}, ClosedError{Reason: err.Error()}
		case err != nil:
			return Message{}, err
		}
		switch f.Op {
		case Text:
			m := Message{Raw: string(f.Payload)}
			return m, json.Unmarshal(f.Payload, &m)
		case Ping:
			c.SendFrame(Frame{Op: Pong, Payload: f.Payload})
		case Close:
			if len(f.Payload) < 2 {
				return Message{}, ClosedError{Code: 1005}
			}
			return Message{}, ClosedError{Code: int(binary.BigEndian.Uint16(f.Payload)), Reason: string(f.Payload[2:])}
		}
	}
}

// Expect gives the next message, which must be of the type.
func (c *Client) Expect(kind string) Message {
	c.tb.Helper()
	m, err := c.Next(Patience)
	if err != nil {
		c.tb.Fatalf("waiting for %s: %v", kind, err)
	}
	if m.Type != kind {
		c.tb.Fatalf("waiting for %s: got %s", kind, m.Raw)
	}
	return m
}

// ExpectSeqs reads as many notifications as there are seqs, which must be theirs.
func (c *Client) ExpectSeqs(seqs ...int64) {
	c.tb.Helper()
	for _, want := range seqs {
		if m := c.Expect("notification"); m.Seq != want {
			c.tb.Fatalf("got seq %d, want %d of %v", m.Seq, want, seqs)
		}
	}
}

// ExpectClose reads up to the end, which must have the code; other messages may
// come before. It answers the close frame and waits for the server to hang up.
func (c *Client) ExpectClose(code int) (reason string) {
	c.tb.Helper()
	for {
		_, err := c.Next(Patience)
		if err == nil {
			continue
		}
		closed, ok := errors.AsType[ClosedError](err)
		if !ok || closed.Code != code {
			c.tb.Fatalf("waiting for close %d: %v (code %d)", code, err, closed.Code)
		}
		c.hangUp(code)
		return closed.Reason
	}
}

func (c *Client) hangUp(code int) {
	c.tb.Helper()
	_, _ = c.conn.Write(Frame{Op: Close, Payload: binary.BigEndian.AppendUint16(nil, uint16(code))}.Bytes()) // it may have hung up already
	_ = c.conn.SetReadDeadline(time.Now().Add(Patience))
	if _, err := io.Copy(io.Discard, c.in); isTimeout(err) {
		c.tb.Errorf("the server does not hang up")
	}
}

// ExpectSilence fails when a message comes within d. Pings are no messages.
func (c *Client) ExpectSilence(d time.Duration) {
	c.tb.Helper()
	if m, err := c.Next(d); !isTimeout(err) {
		c.tb.Fatalf("wanted silence, got %s, %v", m.Raw, err)
	}
}
