package wsapi

import (
	"encoding/binary"
	"unicode/utf8"

	"github.com/gobwas/ws"
)

// inbound takes the bytes of a client apart, however they were cut on their
// way. It exists only between a chunk that ended in the middle of something and
// the one that completes it: an idle socket has none.
//
// Lengths are held against the limit before anything is allocated for them, and
// memory grows with what has arrived, not with what was announced.
type inbound struct {
	limit int

	header [ws.MaxHeaderSize]byte
	have   int // bytes of header

	frame  ws.Header
	within bool // a frame's payload is being read
	at     int  // how much of it was

	frames int // begun since somebody looked

	control    [ws.MaxControlFramePayloadSize]byte
	message    []byte // what has come of a message in several frames or chunks
	fragmented bool
	checked    int // bytes of message known to be UTF-8
}

// idle tells whether nothing is half done.
func (in *inbound) idle() bool { return in.have == 0 && !in.within && !in.fragmented }

// event is called with a whole message (ws.OpText) or control frame. payload is
// valid until it returns.
type event func(op ws.OpCode, payload []byte) error

// feed takes the next bytes, which it may change. It ends with the first error:
// a *violation of the protocol, or what on returns.
func (in *inbound) feed(b []byte, on event) error {
	for {
		if !in.within {
			rest, complete := in.readHeader(b)
			b = rest
			if !complete {
				return nil
			}
			if err := in.begin(); err != nil {
				return err
			}
		}
		n := min(int(in.frame.Length)-in.at, len(b))
		chunk := b[:n]
		b = b[n:]
		ws.Cipher(chunk, in.frame.Mask, in.at)
		in.at += n
		if err := in.payload(chunk, on); err != nil {
			return err
		}
		if in.within {
			return nil // the rest of the frame is still to come
		}
	}
}

// payload takes the next, unmasked bytes of the frame.
func (in *inbound) payload(chunk []byte, on event) error {
	complete := in.at == int(in.frame.Length)
	in.within = !complete
	if in.frame.OpCode.IsControl() {
		return in.controlFrame(chunk, complete, on)
	}
	if complete && in.frame.Fin && len(in.message) == 0 && !in.fragmented { // the usual case: nothing is copied
		if !utf8.Valid(chunk) {
			return errNotUTF8
		}
		return on(ws.OpText, chunk)
	}
	in.message = append(in.message, chunk...)
	in.fragmented = in.fragmented || !in.frame.Fin && complete
	final := complete && in.frame.Fin
	if !in.isText(final) {
		return errNotUTF8
	}
	if !final {
		return nil
	}
	message := in.message
	in.message, in.fragmented, in.checked = nil, false, 0
	return on(ws.OpText, message)
}

// isText checks what has come since the last time, so that nonsense is refused
// at its first byte. A character may be cut at the end until the message is.
func (in *inbound) isText(final bool) bool {
	rest := in.message[in.checked:]
	for len(rest) > 0 && utf8.FullRune(rest) {
		r, size := utf8.DecodeRune(rest)
		if r == utf8.RuneError && size == 1 {
			return false
		}
		rest = rest[size:]
	}
	in.checked = len(in.message) - len(rest)
	return len(rest) == 0 || !final
}

func (in *inbound) controlFrame(chunk []byte, complete bool, on event) error {
	copy(in.control[in.at-len(chunk):], chunk)
	if !complete {
		return nil
	}
	payload := in.control[:in.frame.Length]
	if in.frame.OpCode == ws.OpClose {
		if err := checkClose(payload); err != nil {
			return err
		}
	}
	return on(in.frame.OpCode, payload)
}

// checkClose: nothing, or a code that may be sent and a reason in UTF-8.
func checkClose(payload []byte) error {
	switch {
	case len(payload) == 0:
		return nil
	case len(payload) == 1 || !mayBeReceived(ws.StatusCode(binary.BigEndian.Uint16(payload))):
		return errCloseFrame
	case !utf8.Valid(payload[2:]):
		return errNotUTF8
	}
	return nil
}
