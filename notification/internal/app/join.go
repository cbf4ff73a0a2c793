package app

import (
	"context"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
)

// admitTime bounds asking the owner of a room.
const admitTime = time.Second

// Join has the socket hear what happens in a room. The order leaves no gap: it
// is put down for the room before the owner is asked, so that a closing which
// comes after the answer was given finds it.
func (s *Session) Join(ctx context.Context, name string) error {
	room, ok := domain.ParseRoom(name)
	if !ok {
		return domain.ErrRoomNotFound
	}
	a := s.app
	member, err := a.rooms.ask(s, room)
	if err != nil {
		return err
	}
	if !member {
		a.occupy(ctx, room)
		if err := a.mayJoin(ctx, room, s.identity()); err != nil {
			a.rooms.leave(s, room, false)
			return err
		}
	}
	if !a.rooms.admit(s, room) {
		return domain.ErrRoomNotFound
	}
	if !a.roster.has(s) { // it has gone meanwhile, and what has gone is forgotten
		a.rooms.forget(s)
	}
	return nil
}

// Leave has it hear no more of the room. Where it was not in it, it is out as well.
func (s *Session) Leave(name string) error {
	room, ok := domain.ParseRoom(name)
	if !ok {
		return domain.ErrRoomNotFound
	}
	s.app.rooms.leave(s, room, true)
	return nil
}

func (a *App) mayJoin(ctx context.Context, room domain.Room, p domain.Principal) error {
	if !room.Owned() {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, admitTime)
	defer cancel()
	admitted, err := a.owner.Admits(ctx, room, p)
	switch {
	case err != nil:
		return err
	case !admitted:
		return domain.ErrRoomNotFound
	}
	return nil
}

// occupy tells the other instances that somebody here is in the room. Where
// that fails it is told with the next round.
func (a *App) occupy(ctx context.Context, room domain.Room) {
	ctx, cancel := context.WithTimeout(ctx, a.pace.Enrol)
	defer cancel()
	if err := a.registry.Occupy(ctx, room, a.self, a.pace.Occupy); err != nil {
		a.logger.DebugContext(ctx, "a room could not be entered in the registry", "error", err)
	}
}
