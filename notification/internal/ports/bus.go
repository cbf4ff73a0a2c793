package ports

import (
	"context"

	"github.com/loveapp/backend/notification/internal/domain"
)

// Bus carries signals between instances, fast and without any promise.
type Bus interface {
	// Publish hands one signal to each named instance. A nil error does not mean
	// that anybody heard it.
	Publish(ctx context.Context, signals map[domain.InstanceID]domain.Signal) error
	// Subscribe calls heard for each signal to self until ctx ends; then it
	// returns nil. ready is called each time that listening begins: what was
	// published before it may be lost. Both are called from one goroutine at a time.
	Subscribe(ctx context.Context, self domain.InstanceID, heard func(domain.Signal), ready func()) error
}

// Alerts carries what must arrive quickly even while the bus is away, to all
// instances: how far inboxes go that something critical was put into, and what
// happens in rooms. An event that is too long for it is left out.
type Alerts interface {
	Raise(ctx context.Context, alert domain.Alert) error
	// Listen is to Raise what Subscribe is to Publish; one's own are heard too.
	// An alert may be heard in parts.
	Listen(ctx context.Context, heard func(domain.Alert), ready func()) error
}
