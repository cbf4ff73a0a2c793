package memory

import (
	"context"
	"sync"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
)

var _ ports.Owner = (*Owner)(nil)

// Owner admits to rooms whom the test has let in.
type Owner struct {
	Outage

	mu    sync.Mutex
	rooms map[domain.Room]map[domain.UserID]bool
	asked int
	while func()
}

// NewOwner makes one that admits nobody.
func NewOwner() *Owner { return &Owner{rooms: map[domain.Room]map[domain.UserID]bool{}} }

// Let decides about a user and a room.
func (o *Owner) Let(room domain.Room, user domain.UserID, in bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.rooms[room] == nil {
		o.rooms[room] = map[domain.UserID]bool{}
	}
	o.rooms[room][user] = in
}

// While has do called after each answer was found and before it is given.
func (o *Owner) While(do func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.while = do
}

// Admits implements ports.Owner.
func (o *Owner) Admits(_ context.Context, room domain.Room, p domain.Principal) (bool, error) {
	admitted, while := o.answer(room, p.User)
	if while != nil {
		while()
	}
	if o.check() != nil {
		return false, domain.ErrRoomUnknown
	}
	return admitted, nil
}

func (o *Owner) answer(room domain.Room, user domain.UserID) (admitted bool, while func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.asked++
	return o.rooms[room][user], o.while
}

// Asked is how often somebody has.
func (o *Owner) Asked() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.asked
}
