package app

import (
	"context"
	"sync"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
)

// turns lets one press of a person at a time go to the database. The database
// would put them in a row too, but there each that waits holds a connection: a
// phone gone wild would take them all.
type turns struct {
	mu      sync.Mutex
	waiting map[domain.UserID]*turn
}

type turn struct {
	free chan struct{} // holds one token
	used int           // by how many, those waiting included
}

// take waits for the person's turn, at most limit; leave must be called after it.
func (t *turns) take(ctx context.Context, who domain.UserID, limit time.Duration) (leave func(), err error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	own := t.join(who)
	select {
	case <-own.free:
		return func() {
			own.free <- struct{}{}
			t.quit(who, own)
		}, nil
	case <-ctx.Done():
		t.quit(who, own)
		return nil, ctx.Err()
	}
}

func (t *turns) join(who domain.UserID) *turn {
	t.mu.Lock()
	defer t.mu.Unlock()
	own, ok := t.waiting[who]
	if !ok {
		own = &turn{free: make(chan struct{}, 1)}
		own.free <- struct{}{}
		if t.waiting == nil {
			t.waiting = make(map[domain.UserID]*turn)
		}
		t.waiting[who] = own
	}
	own.used++
	return own
}

func (t *turns) quit(who domain.UserID, own *turn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if own.used--; own.used == 0 {
		delete(t.waiting, who)
	}
}
