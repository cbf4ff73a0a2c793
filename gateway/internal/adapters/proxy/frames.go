package proxy

import "encoding/binary"

const opClose = 0x8

// restarting is an unmasked Close frame with the code 1012: the service restarts,
// come again (RFC 6455 section 5.5.1, and IANA's registry of its codes).
var restarting = []byte{0x80 | opClose, 2, 1012 >> 8, 1012 & 0xff}

// frames follows WebSocket frames (RFC 6455 section 5.2) as their bytes pass, to
// know where one ends.
type frames struct {
	head [14]byte // of the frame that is under way, as far as it has come
	have int
	left uint64 // bytes of its payload that are still to come
	over bool   // a Close frame was among them
}

// between tells whether another frame may be put in.
func (f *frames) between() bool { return f.have == 0 && f.left == 0 && !f.over }

// pass takes note of what passes.
func (f *frames) pass(b []byte) {
	for len(b) > 0 {
		if f.left > 0 {
			n := min(f.left, uint64(len(b)))
			f.left -= n
			b = b[n:]
			continue
		}
		f.head[f.have] = b[0]
		f.have++
		b = b[1:]
		if f.have >= 2 && f.have == f.headLength() {
			f.begin()
		}
	}
}

// begin is for a head that is whole.
func (f *frames) begin() {
	f.have = 0
	f.over = f.over || f.head[0]&0xf == opClose
	switch short := f.head[1] & 0x7f; short {
	case 126:
		f.left = uint64(binary.BigEndian.Uint16(f.head[2:]))
	case 127:
		f.left = binary.BigEndian.Uint64(f.head[2:])
	default:
		f.left = uint64(short)
	}
}

func (f *frames) headLength() int {
	n := 2
	switch f.head[1] & 0x7f {
	case 126:
		n += 2
	case 127:
		n += 8
	}
	if f.head[1]&0x80 != 0 { // masked
		n += 4
	}
	return n
}
