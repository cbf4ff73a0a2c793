package wsapi

import (
	"bytes"

	"github.com/gobwas/ws"
)

// readHeader gathers a frame's header.
func (in *inbound) readHeader(b []byte) (rest []byte, complete bool) {
	for {
		missing := in.headerSize() - in.have
		if missing == 0 {
			return b, true
		}
		n := copy(in.header[in.have:in.have+missing], b)
		in.have += n
		b = b[n:]
		if n < missing {
			return b, false
		}
	}
}

// headerSize is how long the header is, as far as is known yet (RFC 6455 section 5.2).
func (in *inbound) headerSize() int {
	if in.have < ws.MinHeaderSize {
		return ws.MinHeaderSize
	}
	size := ws.MinHeaderSize
	switch in.header[1] & 0x7f {
	case 126:
		size += 2
	case 127:
		size += 8
	}
	if in.header[1]&0x80 != 0 {
		size += 4
	}
	return size
}

// begin judges a complete header.
func (in *inbound) begin() error {
	header, err := ws.ReadHeader(bytes.NewReader(in.header[:in.have]))
	if err != nil {
		return errLength
	}
	in.have = 0
	in.frames++
	state := ws.StateServerSide
	if in.fragmented {
		state |= ws.StateFragmented
	}
	if err := ws.CheckHeader(header, state); err != nil {
		return &violation{ws.StatusProtocolError, err.Error()}
	}
	switch {
	case !shortest(in.header[1], header.Length):
		return errLength
	case header.OpCode == ws.OpBinary:
		return errBinary
	case header.OpCode.IsData() && header.Length > int64(in.limit-len(in.message)):
		return errTooBig
	}
	in.frame, in.within, in.at = header, true, 0
	return nil
}

// shortest: a length must be written in as few bytes as it fits into.
func shortest(second byte, length int64) bool {
	switch second & 0x7f {
	case 126:
		return length > 125
	case 127:
		return length > 0xffff
	}
	return true
}
