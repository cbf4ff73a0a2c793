package notification

import (
	"context"
	"time"
)

// overdueGrace is how long something may be due before nobody seems to take it
// up: longer than any lease, by what a failover takes.
const overdueGrace = time.Minute

// overdue looks at what was to be sent by now.
func (a *lossAudit) overdue(ctx context.Context) error {
	row := auditRow{check: "nothing is left lying", looked: everything}
	found, err := a.store.Overdue(ctx, overdueGrace)
	if err != nil {
		return err
	}
	for _, o := range found {
		row.found(o.Waiting)
		if err := a.say("overdue: %d × %s, the oldest for %s", o.Waiting, o.Queue, time.Duration(o.Seconds*float64(time.Second)).Round(time.Second)); err != nil {
			return err
		}
	}
	a.rows = append(a.rows, row)
	return nil
}

// repeated looks at what went out.
func (a *lossAudit) repeated(ctx context.Context) error {
	row := auditRow{check: "nothing went out twice", looked: everything}
	found, err := a.store.Repeated(ctx)
	if err != nil {
		return err
	}
	for _, r := range found {
		row.found(r.Times - 1)
		if err := a.say("twice: notification %s went out %d times to one place by %s", r.Notification, r.Times, r.Provider); err != nil {
			return err
		}
	}
	a.rows = append(a.rows, row)
	return nil
}
