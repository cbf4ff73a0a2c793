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

// Outgoing is a message on its way to any number of sockets; each of its forms
// on the wire is made once for all of them.
type Outgoing struct {
	Message domain.Message
	Urgent  bool
	// Ahead: others of a lower seq are still to come.
	Ahead bool
	// Live: it has just happened, and was not read from the store.
	Live bool

	wires [forms]struct {
		once sync.Once
		text []byte
	}
}

// Form is a way to write messages.
type Form uint8

// The forms.
const (
	Frame Form = iota // of a WebSocket
	Event             // a server-sent event
	Aside             // one that leaves its client's cursor where it is
	forms
)

// Wire gives what encode makes of the message in the form. Transports share it,
// so it must not be changed.
func (o *Outgoing) Wire(f Form, encode func(domain.Message) []byte) []byte {
	w := &o.wires[f]
	w.once.Do(func() { w.text = encode(o.Message) })
	return w.text
}

// Overtaking is the message for a socket on which it goes ahead of others.
func (o *Outgoing) Overtaking() *Outgoing {
	return &Outgoing{Message: o.Message, Urgent: o.Urgent, Ahead: true, Live: o.Live}
}
