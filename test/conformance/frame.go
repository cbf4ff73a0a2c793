package main

import "encoding/binary"

// The opcodes (RFC 6455 section 5.2).
const (
	continuation byte = 0x0
	text         byte = 0x1
	binaryData   byte = 0x2
	closing      byte = 0x8
	ping         byte = 0x9
	pong         byte = 0xa
)

// frame is one frame. Its zero value but for the opcode is right in every way.
type frame struct {
	op       byte
	payload  []byte
	more     bool   // not the last of its message
	rsv      byte   // the reserved bits, 0 to 7
	unmasked bool   // no client may
	wide     int    // bytes of the length, 2 or 8, whatever it is
	declared uint64 // instead of the payload's length
}

// bytes is the frame on the wire.
func (f frame) bytes() []byte {
	first := f.op | f.rsv<<4
	if !f.more {
		first |= 0x80
	}
	length := uint64(len(f.payload))
	if f.declared > 0 {
		length = f.declared
	}
	mask := byte(0x80)
	if f.unmasked {
		mask = 0
	}
	b := []byte{first}
	switch {
	case f.wide == 8 || length > 0xffff:
		b = binary.BigEndian.AppendUint64(append(b, mask|127), length)
	case f.wide == 2 || length > 125:
		b = binary.BigEndian.AppendUint16(append(b, mask|126), uint16(length)) //nolint:gosec // it fits, see above
	default:
		b = append(b, mask|byte(length))
	}
	if f.unmasked {
		return append(b, f.payload...)
	}
	key := [4]byte{0x5a, 0x17, 0xc4, 0x08}
	b = append(b, key[:]...)
	for i, c := range f.payload {
		b = append(b, c^key[i%len(key)])
	}
	return b
}

func closeWith(code uint16, reason string) frame {
	return frame{op: closing, payload: append(binary.BigEndian.AppendUint16(nil, code), reason...)}
}

// says is a text frame.
func says(message string) frame { return frame{op: text, payload: []byte(message)} }

// pieces is a message in so many frames of at most size bytes.
func pieces(message string, size int) []frame {
	var all []frame
	op := text
	for len(message) > size {
		all = append(all, frame{op: op, payload: []byte(message[:size]), more: true})
		op, message = continuation, message[size:]
	}
	return append(all, frame{op: op, payload: []byte(message)})
}
