package wsapi

import (
	"runtime/debug"
	"time"

	"github.com/gobwas/ws"
)

// bufferSize holds nearly every message of a client; a longer one comes in parts.
const bufferSize = 4 << 10

// buffer is borrowed for as long as it takes to read and judge what has come.
type buffer [bufferSize]byte

// transport brings the bytes of sockets to them. readers has a goroutine for
// each; one that waits for all of them at once can take its place.
type transport interface {
	// serve calls s.begin, then s.receive with whatever arrives, in order and
	// never twice at once, until the connection ends; then s.gone.
	serve(s *socket)
}

// readers waits in one goroutine for each socket.
type readers struct{ server *Server }

func (r readers) serve(s *socket) {
	r.server.running.Go(func() {
		s.surviving(s.begin)
		r.wait(s)
	})
}

// wait goes on in a new goroutine: judging a message has grown this one's
// stack, which would stay that big for as long as the client is silent.
func (r readers) wait(s *socket) {
	r.server.running.Go(func() { r.read(s) })
}

func (r readers) read(s *socket) {
	for used := false; ; used = true {
		b, n, err := s.read(used)
		if err == nil && b == nil {
			r.wait(s)
			return
		}
		if err == nil {
			s.surviving(func() { s.receive(b[:n]) })
		}
		if b != nil {
			r.server.buffers.Put(b)
		}
		if err != nil {
			s.gone()
			return
		}
	}
}

// readHolding is for connections that can only be read the ordinary way.
func (s *socket) readHolding() (*buffer, int, error) {
	b := s.server.borrowBuffer()
	n, err := s.conn.Read(b[:])
	if n > 0 {
		err = nil
	}
	return b, n, err
}

// surviving does the work. A defect that one client's message has found ends
// that client's connection, and nobody else's.
func (s *socket) surviving(work func()) {
	defer func() {
		if reason := recover(); reason != nil {
			s.server.logger.Error("panic", "reason", reason, "stack", string(debug.Stack()))
			s.violated(errDefect)
		}
	}()
	work()
}

// receive takes what has come.
func (s *socket) receive(b []byte) {
	s.alive()
	if s.isClosing() {
		return // what comes after a close frame means nothing; only the end is awaited
	}
	if s.stream {
		s.violated(errChatter)
		return
	}
	in := s.inbound
	if in == nil {
		in = s.server.borrowInbound()
	}
	err := in.feed(b, s.on)
	if err == nil && !s.unhurried(in.frames) {
		err = errFrameRate
	}
	in.frames = 0
	if err != nil {
		s.inbound = nil
		s.begun.Store(0)
		s.violated(err)
		return
	}
	s.keep(in)
}

// unhurried tells whether the client keeps to the rate with its new frames:
// pieces of a message and control frames cost as much as messages do.
func (s *socket) unhurried(frames int) bool {
	limits, now := s.server.limits, s.server.elapsed()
	each := int64(time.Second) / int64(limits.Frames)
	s.paced = max(s.paced, now) + each*int64(frames)
	return s.paced-now <= each*int64(limits.FrameBurst)
}

// keep holds on to what is half done, and only to that.
func (s *socket) keep(in *inbound) {
	if in.idle() {
		s.inbound = nil
		s.begun.Store(0)
		s.server.inbounds.Put(in)
		return
	}
	if s.inbound == nil {
		s.begun.Store(s.server.elapsed())
	}
	s.inbound = in
}

// on takes one message or control frame.
func (s *socket) on(op ws.OpCode, payload []byte) error {
	switch op {
	case ws.OpText:
		return s.text(payload)
	case ws.OpPing:
		s.write(pongFrame(payload), true)
	case ws.OpClose:
		code, _ := ws.ParseCloseFrameData(payload)
		s.shut(code, "", false)
		return errClosed
	default: // a pong: that something came is all it has to say
	}
	return nil
}
