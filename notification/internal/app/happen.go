package app

import (
	"context"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
)

// Happen tells those in a room of an event, here and on other instances. It
// does not wait for anybody: who misses it sees what it was about elsewhere.
func (a *App) Happen(e domain.Event) error {
	e, err := domain.NewEvent(e)
	if err != nil {
		return err
	}
	a.happened(e)
	a.send(errand{event: &e})
	return nil
}

// CloseRoom puts those concerned out of a room. Here they are out when it
// returns; other instances are told on both ways.
func (a *App) CloseRoom(room string, users []string) error {
	closing, err := domain.NewClosing(a.newID(), room, users)
	if err != nil {
		return err
	}
	a.closed(closing)
	a.send(errand{closing: &closing})
	a.tellAll(domain.Alert{Closed: []domain.Closing{closing}})
	return nil
}

// happened brings an event to those here, once.
func (a *App) happened(e domain.Event) {
	rm := a.rooms.find(e.Room)
	if rm == nil || !a.recent.fresh(e.ID) {
		return
	}
	rm.sending.Lock()
	defer rm.sending.Unlock()
	if e.Name == domain.Located {
		now, later := rm.latest.Offer(e, a.now())
		if later {
			a.waiting.add(rm)
		}
		if !now {
			return
		}
	}
	a.counters.Happened.Add(int64(a.rooms.send(rm, e)))
}

// closed puts those here out, once: who has been let in again since stays.
func (a *App) closed(c domain.Closing) {
	if a.recent.fresh("closing " + c.ID) { // no event's id has a space
		a.rooms.close(c)
	}
}

// thinEvery is how late a position may be that waited for its second to pass.
const thinEvery = 100 * time.Millisecond

// thin sends the positions whose time has come.
func (a *App) thin(ctx context.Context) {
	every(ctx, thinEvery, func(context.Context) {
		for _, rm := range a.waiting.take() {
			rm.sending.Lock()
			e, waits := rm.latest.Due(a.now())
			if e != nil {
				a.counters.Happened.Add(int64(a.rooms.send(rm, *e)))
			}
			rm.sending.Unlock()
			if waits {
				a.waiting.add(rm)
			}
		}
	})
}
