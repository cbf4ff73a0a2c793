package wsapi

import "github.com/gobwas/ws"

// shut says why, and ends the connection once the client has heard it or the
// linger is over. drop: what waits is not worth waiting for.
func (s *socket) shut(code ws.StatusCode, reason string, drop bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shutLocked(code, reason, drop)
}

func (s *socket) shutLocked(code ws.StatusCode, reason string, drop bool) {
	if s.closing {
		return
	}
	s.closing, s.code = true, code
	s.server.metrics.closed(code)
	s.server.wheel.schedule(s, s.server.limits.Linger)
	frame := closeFrame(code, reason)
	if s.stream {
		frame = closeEvent(code, reason)
	}
	if s.queue == nil {
		s.writeNow(frame)
		return
	}
	if drop {
		s.server.waiting.give(s.queue.drop())
	}
	s.server.waiting.force(len(frame))
	s.queue.add(frame, false)
}

// endWriting tells the peer that nothing follows the close frame, and goes on
// reading: closing with unread bytes would reset the connection and take the
// frame back before the client has read it.
func (s *socket) endWriting() {
	if half, ok := s.conn.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite()
		return
	}
	s.cut()
}

// cut ends the connection without a word.
func (s *socket) cut() { _ = s.conn.Close() }
