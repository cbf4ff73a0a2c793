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

	origin    domain.Origin
	malformed int          // the reader's
	paced     int64        // the reader's; when all frames so far would have come at the rate that lasts, in ns since the server's start
	stream    bool         // it speaks in server-sent events and hears nothing
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
	s.server.metrics.sent(out)
	defer s.follow(out)()
	if s.stream {
		s.sendEvent(out)
		return
	}
	if frame := out.Wire(ports.Frame, encode); frame != nil {
		s.write(frame, out.Urgent)
	}
}

// follow begins to follow what somebody does; the rest costs a look.
func (s *socket) follow(out *ports.Outgoing) (done func()) {
	told, ok := out.Message.(domain.Notified)
	if !ok || told.Notification.Trace == "" || s.server.follow == nil {
		return nothing
	}
	return s.server.follow(told.Notification, out.Live)
}

func nothing() {}

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

func (s *socket) isClosing() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closing
}

// alive notes a sign of life.
func (s *socket) alive() { s.heard.Store(s.server.elapsed()) }
