package app

import (
	"slices"
	"sync"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
)

// rooms knows who listens to which room at this instance. A socket in no room
// has no trace here.
//
// What is sent into a room is sent under the lock, read-locked for each socket
// anew: nobody who is out hears anything more, and thousands in one room do not
// keep others from coming and going.
type rooms struct {
	mu     sync.RWMutex
	byName map[domain.Room]*room
	guests map[*Session]*guest
}

// room is there for as long as somebody is in it, or is about to be.
type room struct {
	name    domain.Room
	members map[*Session]bool // false: its owner is being asked

	// sending keeps events in one order for everybody; it comes before rooms.mu.
	sending sync.Mutex
	latest  domain.Latest
}

// guest is a socket that has asked to join something.
type guest struct {
	rooms     []domain.Room
	allowance domain.Allowance
}

func newRooms() *rooms {
	return &rooms{byName: map[domain.Room]*room{}, guests: map[*Session]*guest{}}
}

// ask puts s down as somebody whom the owner decides about; member is true when
// it was decided before.
func (r *rooms) ask(s *Session, name domain.Room) (member bool, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	g := r.guests[s]
	if g == nil {
		g = &guest{}
		r.guests[s] = g
	}
	if !g.allowance.Take(s.app.now()) {
		return false, domain.ErrJoinsTooOften
	}
	if slices.Contains(g.rooms, name) {
		return r.byName[name].members[s], nil
	}
	if len(g.rooms) >= domain.MaxRooms {
		return false, domain.ErrRoomLimit
	}
	rm := r.byName[name]
	if rm == nil {
		rm = &room{name: name, members: map[*Session]bool{}}
		r.byName[name] = rm
	}
	if len(rm.members) >= domain.MaxMembers {
		return false, domain.ErrRoomFull
	}
	rm.members[s] = false
	g.rooms = append(g.rooms, rm.name)
	return false, nil
}

// admit makes s a member and tells it, unless the room was closed since it asked.
func (r *rooms) admit(s *Session, name domain.Room) (in bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	rm := r.byName[name]
	if rm == nil {
		return false
	}
	if _, in = rm.members[s]; in {
		rm.members[s] = true
		s.socket.Send(&ports.Outgoing{Message: domain.Joined{Room: name}})
	}
	return in
}

// leave takes s out of a room, and says so where it is told to.
func (r *rooms) leave(s *Session, name domain.Room, tell bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.out(s, name)
	if tell {
		s.socket.Send(&ports.Outgoing{Message: domain.Left{Room: name}})
	}
}

// forget takes s out of all rooms.
func (r *rooms) forget(s *Session) {
	r.mu.RLock()
	_, known := r.guests[s]
	r.mu.RUnlock()
	if !known {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, name := range slices.Clone(r.guests[s].rooms) {
		r.out(s, name)
	}
	delete(r.guests, s)
}

// out gives whether s was a member. The last one closes the door.
func (r *rooms) out(s *Session, name domain.Room) (member bool) {
	rm, g := r.byName[name], r.guests[s]
	if rm == nil || g == nil {
		return false
	}
	member = rm.members[s]
	delete(rm.members, s)
	g.rooms = slices.DeleteFunc(g.rooms, func(other domain.Room) bool { return other == name })
	if len(rm.members) == 0 {
		delete(r.byName, name)
	}
	return member
}

// close puts out whom the closing concerns, those too whose owner is being asked.
func (r *rooms) close(c domain.Closing) {
	r.mu.Lock()
	defer r.mu.Unlock()
	rm := r.byName[c.Room]
	if rm == nil {
		return
	}
	left := &ports.Outgoing{Message: domain.Left{Room: c.Room, Closed: true}}
	for s := range rm.members {
		if c.Concerns(s.user) && r.out(s, c.Room) {
			s.socket.Send(left)
		}
	}
}

// expel puts one socket out.
func (r *rooms) expel(s *Session, name domain.Room) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.out(s, name) {
		s.socket.Send(&ports.Outgoing{Message: domain.Left{Room: name, Closed: true}})
	}
}

func (r *rooms) find(name domain.Room) *room {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.byName[name]
}

// send brings the event to every member. The caller holds the room's sending.
func (r *rooms) send(rm *room, e domain.Event) (sent int) {
	out := &ports.Outgoing{Message: domain.Happened{Event: e}, Live: true}
	for _, s := range r.present(rm) {
		r.mu.RLock()
		if rm.members[s] {
			s.socket.Send(out)
			sent++
		}
		r.mu.RUnlock()
	}
	return sent
}

func (r *rooms) present(rm *room) []*Session {
	r.mu.RLock()
	defer r.mu.RUnlock()
	sessions := make([]*Session, 0, len(rm.members))
	for s, member := range rm.members {
		if member {
			sessions = append(sessions, s)
		}
	}
	return sessions
}

// all gives every room that somebody is in.
func (r *rooms) all() []*room {
	r.mu.RLock()
	defer r.mu.RUnlock()
	list := make([]*room, 0, len(r.byName))
	for _, rm := range r.byName {
		list = append(list, rm)
	}
	return list
}
