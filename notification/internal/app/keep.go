package app

import (
	"context"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
)

// keepRooms tells the others again and again which rooms somebody here is in,
// and at once when the registry may have forgotten.
func (a *App) keepRooms(ctx context.Context) {
	tick := time.NewTicker(a.pace.Occupy / 3)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-a.unkept:
		case <-ctx.Done():
			return
		}
		a.occupyAll(ctx)
	}
}

func (a *App) occupyAll(ctx context.Context) {
	for _, rm := range a.rooms.all() {
		one, cancel := context.WithTimeout(ctx, registryTime)
		err := a.registry.Occupy(one, rm.name, a.self, a.pace.Occupy)
		cancel()
		if err != nil {
			return // it is away: when it is back, listening begins again and this with it
		}
	}
}

// wakeUp has a round of c's work done now.
func wakeUp(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default: // it is due already
	}
}

// recheck asks the owners anew about everybody in their rooms: a closing may
// have been lost, or somebody's role has changed.
func (a *App) recheck(ctx context.Context) {
	tick := time.NewTicker(a.pace.Recheck)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-a.doubted:
		case <-ctx.Done():
			return
		}
		for _, rm := range a.rooms.all() {
			if rm.name.Owned() && !a.recheckRoom(ctx, rm) {
				break // whom the owner does not answer for stays as they are: nothing happens in their rooms either
			}
		}
	}
}

// recheckRoom puts out whom the owner no longer admits; false when it does not answer.
func (a *App) recheckRoom(ctx context.Context, rm *room) bool {
	type identity struct {
		user domain.UserID
		role string
	}
	verdicts := map[identity]bool{}
	for _, s := range a.rooms.present(rm) {
		p := s.identity()
		who := identity{p.User, p.Role}
		admitted, known := verdicts[who]
		if !known {
			one, cancel := context.WithTimeout(ctx, admitTime)
			var err error
			admitted, err = a.owner.Admits(one, rm.name, p)
			cancel()
			if err != nil {
				return false
			}
			verdicts[who] = admitted
		}
		if !admitted {
			a.rooms.expel(s, rm.name)
		}
	}
	return true
}
