package notification

import (
	"context"
	"time"

	"github.com/loveapp/backend/notification/internal/app"
	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/shared/tracing"
)

// follow has everything that carries a trace followed by t.
func follow(t *tracing.Tracing, told *app.Telemetry) {
	if t == nil {
		return
	}
	told.Accepting = func(ctx context.Context, drafts []domain.Draft) func(error) { return accepting(ctx, t, drafts) }
	told.Hopped = func(m domain.Advance) {
		_, span := t.Follow(context.Background(), m.Plan.Trace, "escalate", tracing.Notification.String(string(m.Plan.Notification)),
			tracing.Step.String(string(m.Deliveries[0].To.Channel)), tracing.WaitedFor(m.Plan.Late))
		span.End()
	}
	told.Sending = func(ctx context.Context, w domain.Work) (context.Context, func(domain.Outcome)) {
		ctx, span := t.Follow(ctx, w.Trace, "send", tracing.Notification.String(string(w.Notification)), tracing.Provider.String(string(w.Provider)),
			tracing.Attempt.Int(w.Attempt), tracing.WaitedFor(w.Age))
		return ctx, func(o domain.Outcome) {
			span.Set(tracing.Fate.String(string(o.State)))
			if o.State != domain.Sent {
				span.Fail()
			}
			span.End()
		}
	}
}

// accepting follows drafts until they are in their inboxes; what comes after is part of that.
func accepting(ctx context.Context, t *tracing.Tracing, drafts []domain.Draft) func(error) {
	var spans []*tracing.Span
	for i := range drafts {
		d := &drafts[i]
		if _, span := t.Follow(ctx, d.Trace, "put into inboxes", tracing.Batch.Int(len(d.Users))); span != nil {
			d.Trace = span.Carried(d.Trace)
			spans = append(spans, span)
		}
	}
	return func(err error) {
		for _, span := range spans {
			if err != nil {
				span.Fail()
			}
			span.End()
		}
	}
}

// traceFor is how long after its commit a notification's trace goes on: an app that
// comes back after a week is no part of what happened then.
const traceFor = 10 * time.Minute

// written follows a notification to a socket.
func written(t *tracing.Tracing, now func() time.Time) func(domain.Notification, bool) func() {
	if t == nil {
		return nil
	}
	return func(n domain.Notification, live bool) func() {
		waited := now().Sub(n.StoredAt)
		if waited > traceFor {
			return func() {}
		}
		_, span := t.Follow(context.Background(), n.Trace, "write to socket",
			tracing.Notification.String(string(n.ID)), tracing.Live.Bool(live), tracing.WaitedFor(waited))
		return span.End
	}
}
