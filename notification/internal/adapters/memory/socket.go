package memory

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
)

var _ ports.Socket = (*Socket)(nil)

// errSocketClosed: nothing can be sent any more.
var errSocketClosed = errors.New("memory: the socket is closed")

// Socket is a client that remembers what it was sent. Its line takes everything
// at once unless it is told to stall.
type Socket struct {
	limit int

	mu      sync.Mutex
	changed *sync.Cond
	stalled bool
	urgent  []domain.Message
	normal  []domain.Message
	got     []domain.Message
	closed  domain.CloseReason
}

// NewSocket makes one that closes itself when more than limit messages wait.
func NewSocket(limit int) *Socket {
	s := &Socket{limit: limit}
	s.changed = sync.NewCond(&s.mu)
	return s
}

// Send implements ports.Socket.
func (s *Socket) Send(out *ports.Outgoing) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed != 0 {
		return
	}
	if out.Urgent {
		s.urgent = append(s.urgent, out.Message)
	} else {
		s.normal = append(s.normal, out.Message)
	}
	s.flow()
	if len(s.urgent)+len(s.normal) > s.limit {
		s.urgent, s.normal, s.closed = nil, nil, domain.TooSlow
	}
	s.changed.Broadcast()
}

func (s *Socket) flow() {
	if s.stalled {
		return
	}
	s.got = slices.Concat(s.got, s.urgent, s.normal)
	s.urgent, s.normal = nil, nil
}

// Stall makes the line take nothing until Flow.
func (s *Socket) Stall() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stalled = true
}

// Flow lets everything through.
func (s *Socket) Flow() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stalled = false
	s.flow()
	s.changed.Broadcast()
}

// Drained implements ports.Socket.
func (s *Socket) Drained(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.changed.Broadcast()
	})
	defer stop()
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.urgent)+len(s.normal) > 0 && s.closed == 0 && ctx.Err() == nil {
		s.changed.Wait()
	}
	switch {
	case s.closed != 0:
		return errSocketClosed
	case len(s.urgent)+len(s.normal) > 0:
		return ctx.Err()
	}
	return nil
}

// Close implements ports.Socket.
func (s *Socket) Close(reason domain.CloseReason) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed == 0 {
		s.flow()
		s.closed = reason
	}
	s.changed.Broadcast()
}

// Got is what has arrived, and why the socket was closed; 0 while it is open.
func (s *Socket) Got() ([]domain.Message, domain.CloseReason) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.got), s.closed
}

// Waiting is how many messages a stalled line has not taken.
func (s *Socket) Waiting() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.urgent) + len(s.normal)
}
