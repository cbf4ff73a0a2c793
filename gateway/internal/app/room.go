package app

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/loveapp/backend/gateway/internal/domain"
)

// room is how many requests may wait for one service's answer, which follows
// how fast it answers.
type room struct {
	most     int
	size     atomic.Int64
	inFlight atomic.Int64
	fixed    bool // it does not follow

	mu    sync.Mutex
	seen  domain.Sight
	since time.Time // whoever entered earlier tells about the room as it was before
}

func newRoom(most int) *room {
	r := &room{most: most}
	r.size.Store(int64(most))
	return r
}

// newFixedRoom is as large as it is, however slow the answers.
func newFixedRoom(size int) *room {
	r := newRoom(size)
	r.fixed = true
	return r
}

// enter takes a place, which leave gives back.
func (r *room) enter() bool {
	if r.inFlight.Add(1) <= r.size.Load() {
		return true
	}
	r.inFlight.Add(-1)
	return false
}

func (r *room) full() bool { return r.inFlight.Load() >= r.size.Load() }

// leave gives the place back and learns from how long it was taken.
func (r *room) leave(entered, now time.Time) {
	beside := int(r.inFlight.Add(-1)) + 1
	if r.fixed {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if entered.Before(r.since) {
		return
	}
	r.seen.Answers++
	r.seen.Peak = max(r.seen.Peak, beside)
	took := now.Sub(entered)
	r.seen.Total += took
	if took > domain.FullAfter {
		r.seen.Slow++
	}
	if r.seen.Answers >= domain.FewestSeen && now.Sub(r.since) >= domain.SightEvery {
		r.size.Store(int64(r.seen.NextRoom(int(r.size.Load()), r.most)))
		r.seen, r.since = domain.Sight{}, now
	}
}
