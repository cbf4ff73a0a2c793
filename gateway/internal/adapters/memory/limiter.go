// Package memory keeps in this process what the gateways otherwise share: for
// tests, and for the time that Redis is away.
package memory

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/loveapp/backend/gateway/internal/domain"
)

// maxClients bounds what a flood of made-up addresses can take: about 30 MB.
const maxClients = 100_000

// Limiter counts in a map.
type Limiter struct {
	now func() time.Time
	max int

	mu      sync.Mutex
	clients map[domain.Client]*entry
}

type entry struct {
	standing domain.Standing
	ends     int64 // µs; from then on it says nothing any more
}

// NewLimiter makes one on the given clock.
func NewLimiter(now func() time.Time) (*Limiter, error) {
	if now == nil {
		return nil, errors.New("memory: a limiter needs a clock")
	}
	return &Limiter{now: now, max: maxClients, clients: make(map[domain.Client]*entry)}, nil
}

// Take never fails.
func (l *Limiter) Take(_ context.Context, client domain.Client, p domain.Policy) (domain.Verdict, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now().UnixMicro()
	e := l.entry(client, now)
	v := e.standing.Take(now, p)
	e.ends = max(e.ends, now+p.Memory().Microseconds())
	return v, nil
}

func (l *Limiter) entry(client domain.Client, now int64) *entry {
	e, known := l.clients[client]
	if !known {
		if len(l.clients) >= l.max {
			l.makeRoom(now)
		}
		e = &entry{}
		l.clients[client] = e
	}
	return e
}

// makeRoom drops whoever is forgotten anyway, and where that is not a tenth,
// whoever the map gives first.
func (l *Limiter) makeRoom(now int64) {
	for client, e := range l.clients {
		if e.ends <= now {
			delete(l.clients, client)
		}
	}
	for client := range l.clients {
		if len(l.clients) <= l.max-l.max/10 {
			return
		}
		delete(l.clients, client)
	}
}

// Clients is how many clients are remembered.
func (l *Limiter) Clients() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.clients)
}
