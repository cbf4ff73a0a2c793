package tracing

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// header is the name under which a trace travels (W3C Trace Context).
const header = "traceparent"

var w3c propagation.TraceContext

// Carried is what a queue's row or a message keeps of the trace that ctx belongs
// to: a traceparent, "" where nobody follows it.
func Carried(ctx context.Context) string {
	at := trace.SpanContextFromContext(ctx)
	if !at.IsSampled() || !at.IsValid() {
		return ""
	}
	return parentOf(ctx)
}

// Header is the traceparent for what ctx leads to, sampled or not; "" outside a trace.
func Header(ctx context.Context) string {
	if !trace.SpanContextFromContext(ctx).IsValid() {
		return ""
	}
	return parentOf(ctx)
}

func parentOf(ctx context.Context) string {
	carrier := propagation.MapCarrier{}
	w3c.Inject(ctx, carrier)
	return carrier[header]
}

// Carry puts ctx into the trace that Carried has kept. What makes no sense is passed over.
func Carry(ctx context.Context, carried string) context.Context {
	if carried == "" {
		return ctx
	}
	return w3c.Extract(ctx, propagation.MapCarrier{header: carried})
}

// IsCarried tells whether text is what Carried gives: nothing else is stored.
func IsCarried(text string) bool {
	return len(text) == len("00-")+32+1+16+len("-01") && trace.SpanContextFromContext(Carry(context.Background(), text)).IsSampled()
}

// Span is a piece of work; nil is one that nobody follows.
type Span struct {
	span    trace.Span
	carried string
}

// Carried is what is kept of the span for whatever it leads to; or of nothing, otherwise.
func (s *Span) Carried(otherwise string) string {
	if s == nil {
		return otherwise
	}
	return s.carried
}

// Set says more about the span.
func (s *Span) Set(attributes ...attribute.KeyValue) {
	if s != nil {
		s.span.SetAttributes(attributes...)
	}
}

// Fail marks the span as one that went wrong.
func (s *Span) Fail() {
	if s != nil {
		s.span.SetStatus(codes.Error, "")
	}
}

// End ends the span. Only the first call counts.
func (s *Span) End() {
	if s != nil {
		s.span.End()
	}
}

// Follow begins a span in the trace that a row or message has carried here, for
// work that is done apart from what caused it; nil where there is none.
func (t *Tracing) Follow(ctx context.Context, carried, name string, attributes ...attribute.KeyValue) (context.Context, *Span) {
	if t == nil || carried == "" {
		return ctx, nil
	}
	return t.begin(Carry(ctx, carried), name, trace.WithSpanKind(trace.SpanKindConsumer), trace.WithAttributes(attributes...))
}

// Begin begins the trace of an errand of the service's own.
func (t *Tracing) Begin(ctx context.Context, name string, attributes ...attribute.KeyValue) (context.Context, *Span) {
	if t == nil {
		return ctx, nil
	}
	return t.begin(ctx, name, trace.WithNewRoot(), trace.WithAttributes(attributes...))
}

// Together begins the span of work that is done for all of the carried at once.
// Where they are of one trace it is part of that; otherwise it is a trace of its
// own, linked to each. nil where nobody follows any of them.
func (t *Tracing) Together(ctx context.Context, carried []string, name string, attributes ...attribute.KeyValue) (context.Context, *Span) {
	links := linksTo(carried)
	if t == nil || len(links) == 0 {
		return ctx, nil
	}
	options := []trace.SpanStartOption{trace.WithSpanKind(trace.SpanKindProducer), trace.WithAttributes(attributes...), trace.WithLinks(links...)}
	first := links[0].SpanContext
	for _, l := range links {
		if l.SpanContext.TraceID() != first.TraceID() {
			return t.begin(ctx, name, append(options, trace.WithNewRoot())...)
		}
	}
	return t.begin(trace.ContextWithRemoteSpanContext(ctx, first), name, options...)
}

// mostLinks a span has; more would be dropped by whoever receives it.
const mostLinks = 128

func linksTo(carried []string) []trace.Link {
	var links []trace.Link
	for _, text := range carried {
		at := trace.SpanContextFromContext(Carry(context.Background(), text))
		if at.IsSampled() && len(links) < mostLinks {
			links = append(links, trace.Link{SpanContext: at})
		}
	}
	return links
}

func (t *Tracing) begin(ctx context.Context, name string, options ...trace.SpanStartOption) (context.Context, *Span) {
	ctx, span := t.tracer.Start(ctx, name, options...)
	return ctx, &Span{span, Carried(ctx)}
}
