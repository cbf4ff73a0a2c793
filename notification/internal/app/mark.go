package app

import (
	"context"
	"slices"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
)

// maxChange is how many ids one message to a socket carries: 1,000 of them take
// 39 KiB, and a frame has 64.
const maxChange = 1000

// Mark makes one notification read, unread or deleted, and tells the user's devices.
func (a *App) Mark(ctx context.Context, user domain.UserID, id domain.NotificationID, kind domain.ChangeKind) error {
	changed, unread, err := a.store.Mark(ctx, user, id, kind)
	if err != nil {
		return err
	}
	if changed {
		a.changed(domain.Change{User: user, Kind: kind, IDs: []domain.NotificationID{id}, Unread: unread})
	}
	return nil
}

// MarkAllRead makes all of the user's notifications read and tells how many were not.
func (a *App) MarkAllRead(ctx context.Context, user domain.UserID) (updated int, err error) {
	ids, unread, err := a.store.MarkAllRead(ctx, user)
	if err != nil {
		return 0, err
	}
	for part := range slices.Chunk(ids, maxChange) {
		a.changed(domain.Change{User: user, Kind: domain.Read, IDs: part, Unread: unread})
	}
	return len(ids), nil
}

// changed tells the user's devices, here and on other instances. A device that
// misses it sees the change when it next reads its inbox.
func (a *App) changed(change domain.Change) {
	a.show(change)
	a.send(errand{change: &change})
}

// show tells the devices that are connected here.
func (a *App) show(change domain.Change) {
	out := &ports.Outgoing{Message: domain.Changed{Change: change}}
	for _, s := range a.roster.of(change.User) {
		s.tell(out)
	}
}
