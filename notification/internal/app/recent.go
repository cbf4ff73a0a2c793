package app

import "sync"

// remembered is how many events are known again: at 200 a second those of the
// last 20 seconds, and a repeat comes sooner.
const remembered = 4096

// recent knows the last events, so that one that comes on two ways, or is sent
// again, is passed on once.
type recent struct {
	mu   sync.Mutex
	ids  map[string]struct{}
	ring []string
	next int
}

func newRecent() *recent { return &recent{ids: map[string]struct{}{}} }

// fresh tells whether the event has not been seen, and has seen it then.
func (r *recent) fresh(id string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, seen := r.ids[id]; seen {
		return false
	}
	if len(r.ring) < remembered {
		r.ring = append(r.ring, id)
	} else {
		delete(r.ids, r.ring[r.next])
		r.ring[r.next] = id
		r.next = (r.next + 1) % remembered
	}
	r.ids[id] = struct{}{}
	return true
}

// waiting are the rooms in which a position waits for its time.
type waiting struct {
	mu    sync.Mutex
	rooms map[*room]struct{}
}

func (w *waiting) add(rm *room) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.rooms == nil {
		w.rooms = map[*room]struct{}{}
	}
	w.rooms[rm] = struct{}{}
}

func (w *waiting) take() []*room {
	w.mu.Lock()
	defer w.mu.Unlock()
	list := make([]*room, 0, len(w.rooms))
	for rm := range w.rooms {
		list = append(list, rm)
	}
	w.rooms = nil
	return list
}
