package app

import (
	"context"
	"errors"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
)

// errForgotten: the registry answers, and has lost what it was told.
var errForgotten = errors.New("the registry was emptied")

// believed is for how long a registry that was found whole is taken to be.
const believed = 250 * time.Millisecond

// forgotten tells whether the registry's silence about a user is worth nothing: it
// was emptied, and those who were entered in it have not all noticed yet. This
// instance's own lease, which has gone with the rest, shows it.
func (a *App) forgotten(ctx context.Context, users []domain.UserID, found []domain.Connection) bool {
	if a.presence.lostLately() {
		return true
	}
	if !missesOne(users, found) || a.presence.stale.Load() || a.now().Sub(a.whole) < believed {
		return false
	}
	lease := a.presence.lease()
	held, err := a.registry.Held(ctx, []domain.Lease{lease})
	if err != nil {
		return false
	}
	if !held[lease] && lease == a.presence.lease() { // else a new epoch has just begun
		a.presence.lose()
		wakeUp(a.presence.due)
		return true
	}
	a.whole = a.now()
	return false
}

func missesOne(users []domain.UserID, found []domain.Connection) bool {
	there := make(map[domain.UserID]bool, len(found))
	for _, c := range found {
		there[c.User] = true
	}
	return len(there) < len(users)
}

// lose notes that the lease was gone although nobody had given it up.
func (p *presence) lose() { p.lost.Store(p.app.now().UnixNano()) }

// lostLately: each instance finds out with its next heartbeat at the latest.
func (p *presence) lostLately() bool {
	const margin = 2 // a heartbeat that is late
	return p.app.now().Sub(time.Unix(0, p.lost.Load())) < margin*p.app.pace.Heartbeat
}
