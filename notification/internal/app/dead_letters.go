package app

import (
	"context"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
)

// DeliveriesOf lists what became of a notification on its channels, or of all
// notifications of one announcement; next is where to go on, nil at the end.
func (a *App) DeliveriesOf(ctx context.Context, id string, after domain.Position, limit int) (items []domain.Delivery, next *domain.Position, err error) {
	items, err = a.store.OfEvent(ctx, id, after, limit+1)
	items, next = paged(items, limit, func(d domain.Delivery) time.Time { return d.CreatedAt })
	return items, next, err
}

// DeadLetters lists what was refused or given up, the newest first.
func (a *App) DeadLetters(ctx context.Context, before domain.Position, limit int) (items []domain.Delivery, next *domain.Position, err error) {
	items, err = a.store.DeadLetters(ctx, before, limit+1)
	items, next = paged(items, limit, func(d domain.Delivery) time.Time { return *d.SettledAt })
	return items, next, err
}

// Replay sends a dead letter again.
func (a *App) Replay(ctx context.Context, id domain.DeliveryID) (domain.Delivery, error) {
	d, err := a.store.Replay(ctx, id)
	if err == nil {
		a.logger.InfoContext(ctx, "dead letter replayed", "delivery_id", string(id), "provider", string(d.Provider))
		a.wakeSender(ports.Queue{Provider: d.Provider, Urgent: d.Priority == domain.Critical})
	}
	return d, err
}

// paged cuts off what was read only to know that there is more.
func paged(items []domain.Delivery, limit int, at func(domain.Delivery) time.Time) ([]domain.Delivery, *domain.Position) {
	if len(items) <= limit {
		return items, nil
	}
	last := items[limit-1]
	return items[:limit], &domain.Position{At: at(last), ID: last.ID}
}

const (
	// keepDeliveries is for how long the log tells what became of a message, and
	// keepAddresses for how long a dead letter can be sent again.
	keepDeliveries = 30 * 24 * time.Hour
	keepAddresses  = 7 * 24 * time.Hour
	forgetEvery    = time.Minute
	forgetBatch    = 1000
)

// forget removes what the log need not tell any more.
func (a *App) forget(ctx context.Context) {
	every(ctx, forgetEvery, func(ctx context.Context) {
		ctx, cancel := context.WithTimeout(ctx, expireTime)
		defer cancel()
		if _, err := a.store.Forget(ctx, keepDeliveries, keepAddresses, forgetBatch); err != nil {
			a.logger.DebugContext(ctx, "old deliveries could not be removed", "error", err)
		}
	})
}
