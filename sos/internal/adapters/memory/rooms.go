package memory

import (
	"context"
	"slices"
	"sync"

	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

// Rooms keeps what it is told, each event once.
type Rooms struct {
	mu     sync.Mutex
	shown  []domain.LiveEvent
	closed []domain.TicketID
	put    []string // out of a room: ticket and user
	fail   error
}

var _ ports.Rooms = (*Rooms)(nil)

// Tell implements ports.Rooms.
func (r *Rooms) Tell(_ context.Context, e domain.LiveEvent) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fail != nil {
		return r.fail
	}
	if !slices.ContainsFunc(r.shown, func(o domain.LiveEvent) bool { return o.Ticket == e.Ticket && o.Key == e.Key }) {
		r.shown = append(r.shown, e)
	}
	return nil
}

// CloseRoom implements ports.Rooms.
func (r *Rooms) CloseRoom(_ context.Context, id domain.TicketID, users ...domain.UserID) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.fail != nil:
	case len(users) == 0:
		r.closed = append(r.closed, id)
	default:
		for _, user := range users {
			r.put = append(r.put, string(id)+" "+string(user))
		}
	}
	return r.fail
}

// Fail makes every call fail; nil ends that.
func (r *Rooms) Fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fail = err
}

// Shown are the events so far, in order.
func (r *Rooms) Shown() []domain.LiveEvent {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.shown)
}

// PutOut is who was put out of a room that stayed open: ticket, a space, user.
func (r *Rooms) PutOut() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.put)
}

// Closed are the rooms that were closed, in order.
func (r *Rooms) Closed() []domain.TicketID {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.closed)
}
