package auth

import (
	"context"

	"github.com/loveapp/backend/shared/tracing"
)

// following follows what waited in a queue in the trace of what it goes back to.
func following(t *tracing.Tracing) func(context.Context, string, string) (context.Context, func(error)) {
	return func(ctx context.Context, kept, what string) (context.Context, func(error)) {
		ctx, span := t.Follow(ctx, kept, what)
		return ctx, ending(span)
	}
}

// beginning begins the trace of what happens because its time has come.
func beginning(t *tracing.Tracing) func(context.Context, string) (context.Context, func(error)) {
	return func(ctx context.Context, what string) (context.Context, func(error)) {
		ctx, span := t.Begin(ctx, what)
		return ctx, ending(span)
	}
}

func ending(span *tracing.Span) func(error) {
	return func(err error) {
		if err != nil {
			span.Fail()
		}
		span.End()
	}
}
