package app

import (
	"context"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
)

// raiseTime bounds raising one alert.
const raiseTime = 2 * time.Second

// alert tells every instance of critical notifications on a way that does not
// need Redis. It always does: whether Redis works is known only afterwards.
func (a *App) alert(fresh []domain.Notification) {
	var marks []domain.Mark
	for _, n := range fresh {
		if n.Urgent() {
			marks = append(marks, domain.Mark{User: n.User, Newest: n.Seq})
		}
	}
	if len(marks) == 0 {
		return
	}
	select {
	case a.herald <- marks:
	default:
		a.counters.QueueOverflows.Add(1)
	}
}

// raise sends all that waits as one alert.
func (a *App) raise(ctx context.Context) {
	work := context.WithoutCancel(ctx) // what was stored before the end is still told
	for ctx.Err() == nil || len(a.herald) > 0 {
		select {
		case marks := <-a.herald:
			a.raiseBatch(work, a.marks(marks))
		case <-ctx.Done():
		}
	}
}

func (a *App) marks(batch []domain.Mark) []domain.Mark {
	for {
		select {
		case more := <-a.herald:
			batch = append(batch, more...)
		default:
			return batch
		}
	}
}

func (a *App) raiseBatch(ctx context.Context, marks []domain.Mark) {
	ctx, cancel := context.WithTimeout(ctx, raiseTime)
	defer cancel()
	if err := a.alerts.Raise(ctx, marks); err != nil {
		a.counters.AlertFailures.Add(1)
		a.logger.WarnContext(ctx, "an alert could not be raised; the sweepers will find it", "error", err)
	}
}

// listenForAlerts hears the alerts of all instances.
func (a *App) listenForAlerts(ctx context.Context) {
	heard := func(marks []domain.Mark) {
		for _, mark := range marks {
			a.known(mark)
		}
	}
	if err := a.alerts.Listen(ctx, heard, func() { a.wake(ctx) }); err != nil {
		a.logger.ErrorContext(ctx, "this instance cannot listen for alerts", "error", err)
	}
}
