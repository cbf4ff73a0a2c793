package wstest

import (
	"encoding/binary"
	"fmt"
	"io"
	"time"
)

// Opcodes of RFC 6455 section 5.2.
const (
	Continuation byte = 0x0
	Text         byte = 0x1
	Binary       byte = 0x2
	Close        byte = 0x8
	Ping         byte = 0x9
	Pong         byte = 0xa
)

// Frame is one frame; its zero value is a wrong one in no way but its opcode.
type Frame struct {
	Op       byte
	Payload  []byte
	More     bool  // not the last of its message
	Rsv      byte  // reserved bits, 0 to 7
	Unmasked bool  // no client may
	Length   int64 // announced; 0 = the payload's
	Wide     bool  // the length in eight bytes, whatever it is
}

// Bytes is the frame as it goes over the wire.
func (f Frame) Bytes() []byte {
	first := f.Op | f.Rsv<<4
	if !f.More {
		first |= 0x80
	}
	length := f.Length
	if length == 0 {
		length = int64(len(f.Payload))
	}
	mask := byte(0x80)
	if f.Unmasked {
		mask = 0
	}
	b := []byte{first}
	switch {
	case f.Wide || length > 0xffff:
		b = binary.BigEndian.AppendUint64(append(b, mask|127), uint64(length))
	case length > 125:
		b = binary.BigEndian.AppendUint16(append(b, mask|126), uint16(length))
	default:
		b = append(b, mask|byte(length))
	}
	if f.Unmasked {
		return append(b, f.Payload...)
	}
	key := [4]byte{0x37, 0xfa, 0x21, 0x3d}
	b = append(b, key[:]...)
	for i, c := range f.Payload {
		b = append(b, c^key[i%4])
	}
	return b
}

// SendBytes sends whatever it is given.
func (c *Client) SendBytes(b []byte) {
	c.tb.Helper()
	_ = c.conn.SetWriteDeadline(time.Now().Add(Patience))
	if _, err := c.conn.Write(b); err != nil {
		c.tb.Fatalf("send: %v", err)
	}
}

// SendFrame sends a frame.
func (c *Client) SendFrame(f Frame) {
	c.tb.Helper()
	c.SendBytes(f.Bytes())
}

// Send sends a text message.
func (c *Client) Send(text string) {
	c.tb.Helper()
	c.SendFrame(Frame{Op: Text, Payload: []byte(text)})
}

// TrySend is Send to a server that may be gone.
func (c *Client) TrySend(text string) {
	_ = c.conn.SetWriteDeadline(time.Now().Add(Patience))
	_, _ = c.conn.Write(Frame{Op: Text, Payload: []byte(text)}.Bytes())
}

// Sendf is Send with a format.
func (c *Client) Sendf(format string, args ...any) {
	c.tb.Helper()
	c.Send(fmt.Sprintf(format, args...))
}

// ReadFrame gives the server's next frame, which has to begin within that time. One
// that has begun is read to its end: half of one given up would be lost.
func (c *Client) ReadFrame(within time.Duration) (Frame, error) {
	_ = c.conn.SetReadDeadline(time.Now().Add(within))
	if _, err := c.in.Peek(1); err != nil {
		return Frame{}, err
	}
	_ = c.conn.SetReadDeadline(time.Now().Add(Patience))
	var head [2]byte
	if _, err := io.ReadFull(c.in, head[:]); err != nil {
		return Frame{}, err
	}
	f := Frame{Op: head[0] & 0xf, More: head[0]&0x80 == 0, Rsv: head[0] >> 4 & 7, Unmasked: head[1]&0x80 == 0}
	length := uint64(head[1] & 0x7f)
	if length > 125 {
		wide := make([]byte, map[uint64]int{126: 2, 127: 8}[length])
		if _, err := io.ReadFull(c.in, wide); err != nil {
			return Frame{}, err
		}
		length = 0
		for _, b := range wide {
			length = length<<8 | uint64(b)
		}
	}
	if !f.Unmasked || f.Rsv != 0 || f.More || length > 1<<20 {
		return Frame{}, fmt.Errorf("no server sends a frame such as % x", head)
	}
	f.Payload = make([]byte, length)
	_, err := io.ReadFull(c.in, f.Payload)
	return f, err
}
