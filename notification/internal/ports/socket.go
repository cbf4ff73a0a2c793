package ports

import (
	"context"
	"sync"

	"github.com/loveapp/backend/notification/internal/domain"
)

// Socket is a client's connection, whatever transport it has. Its methods are
// safe for concurrent use and do nothing once it is closed.
type Socket interface {
	// Send queues the message and returns at once. Messages leave in the order
	// of the calls, except that urgent ones go ahead of what waits. A socket that
	// cannot keep up closes itself with domain.TooSlow.
	Send(m *Outgoing)
	// Drained returns once nothing waits to be sent. It fails when the socket is
	// closed or ctx ends before.
	Drained(ctx context.Context) error
	// Close says why, after what waits, and ends the connection. Only the first call counts.
	Close(reason domain.CloseReason)
}

// Outgoing is a message on its way to any number of sockets; its form on the
// wire is made once for all of them.
type Outgoing struct {
	Message domain.Message
	Urgent  bool
	// Live: it has just happened, and was not read from the store.
	Live bool

	once sync.Once
	wire []byte
}

// Wire gives what encode makes of the message. Transports share it, so it must not be changed.
func (o *Outgoing) Wire(encode func(domain.Message) []byte) []byte {
	o.once.Do(func() { o.wire = encode(o.Message) })
	return o.wire
}
