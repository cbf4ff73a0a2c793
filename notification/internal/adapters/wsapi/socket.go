package wsapi

import (
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"syscall"

	"github.com/gobwas/ws"
	"github.com/loveapp/backend/notification/internal/app"
	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
)

// socket is one client. There are thousands, nearly all of them idle, so an
// idle one holds this, its connection and its session, and no buffer.
type socket struct {
	server  *Server
	conn    net.Conn
	raw     syscall.RawConn // nil where the connection cannot be used without waiting
	inbound *inbound        // the reader's; nil between messages
	early   *opening        // the reader's; what came with the handshake
	session atomic.Pointer[app.Session]

	malformed int          // the reader's
	timer     timer        // the wheel's
	pinged    int64        // the wheel's; when the last ping left, in ns since the server's start, as the next two
	heard     atomic.Int64 // when the peer last showed that it lives
	begun     atomic.Int64 // when the message began that is half there; 0 for none

	mu      sync.Mutex
	queue   *queue // nil while nothing waits to be sent
	closing bool   // a close frame is on its way, or out
	code    ws.StatusCode
}

// errClosed: nothing can be sent any more.
var errClosed = errors.New("wsapi: the socket is closed")

// Send implements ports.Socket.
func (s *socket) Send(out *ports.Outgoing) {
	frame := out.Wire(encode)
	if frame == nil {
		return
	}
	s.server.metrics.sent(out)
	s.write(frame, out.Urgent)
}

// Close implements ports.Socket.
func (s *socket) Close(reason domain.CloseReason) {
	code, text := statusOf(reason)
	s.shut(code, text, reason == domain.TooSlow)
}

// Drained implements ports.Socket.
func (s *socket) Drained(ctx context.Context) error {
	for {
		emptied, err := s.emptied()
		if emptied == nil {
			return err
		}
		select {
		case <-emptied:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// emptied gives what to wait for, nil when nothing waits.
func (s *socket) emptied() (<-chan struct{}, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closing:
		return nil, errClosed
	case s.queue == nil:
		return nil, nil
	}
	return s.queue.emptied, nil
}

// write sends a frame, or queues it behind what waits. It is the only way out:
// frames of two goroutines never mix.
func (s *socket) write(frame []byte, urgent bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return
	}
	if s.queue == nil {
		s.writeNow(frame)
		return
	}
	if s.queue.bytes+len(frame) > s.server.limits.Queue || !s.server.waiting.take(len(frame), s.server.limits.QueueAll) {
		code, text := statusOf(domain.TooSlow)
		s.shutLocked(code, text, true)
		return
	}
	s.queue.add(frame, urgent)
}

// writeNow writes as much of the frame as the kernel takes at once; only what
// is left needs memory and a goroutine.
func (s *socket) writeNow(frame []byte) {
	n, err := s.try(frame)
	switch {
	case err != nil:
		s.cut()
	case n < len(frame):
		s.server.waiting.force(len(frame) - n)
		s.queue = newQueue(frame[n:])
		s.server.running.Go(s.drain)
	case s.closing:
		s.endWriting()
	}
}

// drain writes what waits, until nothing does.
func (s *socket) drain() {
	for {
		s.mu.Lock()
		batch, size := s.queue.next()
		if size == 0 {
			s.emptyLocked()
			s.mu.Unlock()
			return
		}
		s.mu.Unlock()
		_, err := batch.WriteTo(s.conn)
		s.alive()
		s.mu.Lock()
		s.queue.bytes -= size
		s.mu.Unlock()
		s.server.waiting.give(size)
		if err != nil {
			s.abandon()
			return
		}
	}
}

func (s *socket) emptyLocked() {
	close(s.queue.emptied)
	s.queue = nil
	if s.closing {
		s.endWriting()
	}
}

// abandon drops what waits on a connection that is broken.
func (s *socket) abandon() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closing = true
	s.server.waiting.give(s.queue.bytes)
	close(s.queue.emptied)
	s.queue = nil
	s.cut()
}

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

func (s *socket) isClosing() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closing
}

// alive notes a sign of life.
func (s *socket) alive() { s.heard.Store(s.server.elapsed()) }
