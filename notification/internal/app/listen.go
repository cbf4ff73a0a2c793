package app

import (
	"context"

	"github.com/loveapp/backend/notification/internal/domain"
)

// listen hears what other instances signal to this one.
func (a *App) listen(ctx context.Context) {
	if err := a.bus.Subscribe(ctx, a.self, a.hear, func() { a.subscribed(ctx) }); err != nil {
		a.logger.ErrorContext(ctx, "this instance cannot listen to others", "error", err)
	}
}

func (a *App) hear(signal domain.Signal) {
	a.deliver(signal.Notifications)
	for _, change := range signal.Changes {
		a.show(change)
	}
	if len(signal.Evicted) > 0 {
		a.evict(signal.Evicted)
	}
	a.dismiss(signal.Erased)
	a.inRooms(signal.Events, signal.Closed)
}

func (a *App) inRooms(events []domain.Event, closed []domain.Closing) {
	for _, e := range events {
		a.happened(e)
	}
	for _, c := range closed {
		a.closed(c)
	}
}

// subscribed: what was published before may be lost, and leases may be too.
func (a *App) subscribed(ctx context.Context) {
	if a.roster.size() > 0 {
		a.presence.absent()
	}
	a.wake(ctx)
	wakeUp(a.presence.due)
	wakeUp(a.unkept)
}
