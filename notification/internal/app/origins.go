package app

import (
	"context"
	"net/netip"
	"sync"

	"github.com/loveapp/backend/notification/internal/domain"
)

// origins knows how many sockets of this instance come from where.
type origins struct {
	crowding domain.Crowding

	mu   sync.Mutex
	here map[domain.Origin]*gathering
}

// gathering is the sockets from one origin.
type gathering struct {
	sockets int
	most    int
	told    bool // other instances have been
}

func newOrigins(c domain.Crowding) *origins {
	return &origins{crowding: c, here: map[domain.Origin]*gathering{}}
}

// Admit counts a socket in, unless as many as may come from there are open
// already, on all instances together. Each that is admitted departs once. While
// the registry is away, each instance counts for itself.
func (a *App) Admit(ctx context.Context, from netip.Addr) (domain.Origin, bool) {
	origin := domain.OriginOf(from)
	if !origin.Known() {
		return origin, true
	}
	most := a.origins.crowding.MostFrom(from)
	sockets, tell := a.origins.add(origin, most)
	if sockets > most || tell && a.crowded(ctx, origin, sockets, most) {
		a.Depart(origin)
		a.counters.Crowded.Add(1)
		return domain.Origin{}, false
	}
	return origin, true
}

// Depart counts a socket out. The others hear of it with the next heartbeat.
func (a *App) Depart(from domain.Origin) {
	if from.Known() {
		a.origins.remove(from)
	}
}

func (a *App) crowded(ctx context.Context, from domain.Origin, sockets, most int) bool {
	ctx, cancel := context.WithTimeout(ctx, a.pace.Enrol)
	defer cancel()
	total, err := a.registry.Crowd(ctx, from, a.self, sockets, a.pace.Lease)
	return err == nil && total > most
}

// keepOrigins tells the others again and again of what they have been told of:
// they forget whoever falls silent, as they do with its lease.
func (a *App) keepOrigins(ctx context.Context) {
	every(ctx, a.pace.Heartbeat, func(ctx context.Context) {
		for origin, sockets := range a.origins.toTell() {
			ctx, cancel := context.WithTimeout(ctx, registryTime)
			_, err := a.registry.Crowd(ctx, origin, a.self, sockets, a.pace.Lease)
			cancel()
			if err != nil {
				return
			}
		}
	})
}

// add gives how many there are with the new one, and whether that is for the others to know.
func (o *origins) add(from domain.Origin, most int) (sockets int, tell bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	g := o.here[from]
	if g == nil {
		g = &gathering{}
		o.here[from] = g
	}
	g.sockets++
	g.most = most
	g.told = g.told || g.sockets >= domain.Worth(most)
	return g.sockets, g.told
}

func (o *origins) remove(from domain.Origin) {
	o.mu.Lock()
	defer o.mu.Unlock()
	g := o.here[from]
	if g == nil {
		return
	}
	g.sockets--
	if g.sockets == 0 && !g.told {
		delete(o.here, from)
	}
}

// toTell gives what the others know of, as it is now. What is no crowd any more
// they hear of for the last time.
func (o *origins) toTell() map[domain.Origin]int {
	o.mu.Lock()
	defer o.mu.Unlock()
	crowds := map[domain.Origin]int{}
	for origin, g := range o.here {
		if !g.told {
			continue
		}
		crowds[origin] = g.sockets
		if g.sockets >= domain.Worth(g.most) {
			continue
		}
		crowds[origin], g.told = 0, false
		if g.sockets == 0 {
			delete(o.here, origin)
		}
	}
	return crowds
}
