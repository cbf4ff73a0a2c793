package sos

import (
	"context"
	"slices"

	"github.com/loveapp/backend/shared/tracing"
	"github.com/loveapp/backend/sos/internal/ports"
)

// handing follows alerts to the notification service: each in the trace of the
// press that it is for, and the request that carries them in that of all.
func handing(t *tracing.Tracing) func(context.Context, []ports.Delivery) (context.Context, []ports.Delivery, func(error)) {
	if t == nil {
		return nil
	}
	return func(ctx context.Context, deliveries []ports.Delivery) (context.Context, []ports.Delivery, func(error)) {
		deliveries = slices.Clone(deliveries)
		spans, carried := make([]*tracing.Span, len(deliveries)), make([]string, len(deliveries))
		for i, one := range deliveries {
			_, spans[i] = t.Follow(ctx, one.Trace, "hand alert over", tracing.Ticket.String(string(one.Alert.TicketID)), tracing.Alert.String(string(one.Alert.Kind)),
				tracing.Level.Int(one.Alert.Level), tracing.Attempt.Int(one.Attempt), tracing.WaitedFor(one.Waited))
			carried[i] = one.Trace
			deliveries[i].Trace = spans[i].Carried(one.Trace)
		}
		ctx, batch := t.Together(ctx, carried, "hand alerts over", tracing.Batch.Int(len(deliveries)))
		return ctx, deliveries, func(err error) {
			for _, span := range slices.Concat(spans, []*tracing.Span{batch}) {
				if err != nil {
					span.Fail()
				}
				span.End()
			}
		}
	}
}
