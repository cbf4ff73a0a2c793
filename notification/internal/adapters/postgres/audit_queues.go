package postgres

import (
	"context"
	"time"
)

// Overdue is a queue in which something waits that nobody takes up.
type Overdue struct {
	Queue   string  `db:"queue"`
	Waiting int64   `db:"waiting"`
	Seconds float64 `db:"seconds"` // for how long the oldest has been due
}

// A lease is a due time in the future: what somebody has in hand is not overdue.
const auditOverdue = `SELECT q.queue, count(*) AS waiting, extract(epoch FROM now() - min(q.due_at))::float8 AS seconds FROM (
		SELECT 'plan' AS queue, due_at FROM hops
		UNION ALL SELECT 'delivery by ' || provider, due_at FROM deliveries WHERE state = 'waiting'
		UNION ALL SELECT 'scheduled announcement', send_at FROM schedules WHERE cancelled_at IS NULL
	) q WHERE q.due_at < now() - make_interval(secs => $1) GROUP BY q.queue ORDER BY q.queue`

// Overdue gives what has been due for longer than grace.
func (a *Audit) Overdue(ctx context.Context, grace time.Duration) ([]Overdue, error) {
	return read[Overdue](ctx, a, "what is due", auditOverdue, grace.Seconds())
}

// Repeated is a notification that went out more than once to the same device or address.
type Repeated struct {
	Notification string `db:"notification_id"`
	Provider     string `db:"provider"`
	Times        int64  `db:"times"`
}

// Of an address only what it is shown as is kept; a user has one of a kind.
const auditRepeated = `SELECT notification_id, provider, count(*) AS times FROM deliveries
	WHERE notification_id IS NOT NULL AND state = 'sent'
	GROUP BY notification_id, provider, device_id, shown_as HAVING count(*) > 1 ORDER BY notification_id LIMIT $1`

// Repeated gives at most AuditMost of them.
func (a *Audit) Repeated(ctx context.Context) ([]Repeated, error) {
	return read[Repeated](ctx, a, "what went out", auditRepeated, AuditMost)
}
