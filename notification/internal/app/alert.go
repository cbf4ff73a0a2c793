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
	if len(marks) > 0 {
		a.tellAll(domain.Alert{Marks: marks})
	}
}

// tellAll has an alert raised. Waiting would make a request wait for the store.
func (a *App) tellAll(alert domain.Alert) {
	select {
	case a.herald <- alert:
	default:
		a.counters.QueueOverflows.Add(1)
	}
}

// raise sends all that waits as one alert.
func (a *App) raise(ctx context.Context) {
	work := context.WithoutCancel(ctx) // what was stored before the end is still told
	for ctx.Err() == nil || len(a.herald) > 0 {
		select {
		case alert := <-a.herald:
			a.raiseBatch(work, a.gathered(alert))
		case <-ctx.Done():
		}
	}
}

func (a *App) gathered(batch domain.Alert) domain.Alert {
	for {
		select {
		case more := <-a.herald:
			batch = batch.With(more)
		default:
			return batch
		}
	}
}

func (a *App) raiseBatch(ctx context.Context, alert domain.Alert) {
	ctx, cancel := context.WithTimeout(ctx, raiseTime)
	defer cancel()
	if err := a.alerts.Raise(ctx, alert); err != nil {
		a.counters.AlertFailures.Add(1)
		a.logger.WarnContext(ctx, "an alert could not be raised; the sweepers will find it", "error", err)
	}
}

// listenForAlerts hears the alerts of all instances.
func (a *App) listenForAlerts(ctx context.Context) {
	heard := func(alert domain.Alert) {
		for _, mark := range alert.Marks {
			a.known(mark)
		}
		a.inRooms(alert.Events, alert.Closed)
	}
	if err := a.alerts.Listen(ctx, heard, func() { a.wake(ctx); wakeUp(a.doubted) }); err != nil {
		a.logger.ErrorContext(ctx, "this instance cannot listen for alerts", "error", err)
	}
}
