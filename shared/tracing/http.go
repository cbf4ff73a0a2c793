package tracing

import (
	"context"
	"net/http"
	"strings"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
)

// Handler has a span made of each request that next answers, in the trace that
// its traceparent names or in a new one. Probes, and what services ask each
// other on their own account, begin none.
func (t *Tracing) Handler(next http.Handler) http.Handler {
	if t == nil {
		return next
	}
	traced := otelhttp.NewHandler(next, "request", otelhttp.WithTracerProvider(t.provider), otelhttp.WithPropagators(w3c),
		otelhttp.WithFilter(worthFollowing), otelhttp.WithSpanNameFormatter(func(_ string, r *http.Request) string { return method(r.Method) }))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		delete(r.Header, "Tracestate") // says nothing to us, and may say anything
		traced.ServeHTTP(w, r)
	})
}

func worthFollowing(r *http.Request) bool {
	switch {
	case strings.HasPrefix(r.URL.Path, "/health"):
		return false
	case strings.HasPrefix(r.URL.Path, "/internal/"), strings.HasPrefix(r.URL.Path, "/.well-known/"):
		return r.Header.Get(header) != ""
	}
	return true
}

// Answered names the request's span by its route, once that is known, and by the request's id.
func Answered(ctx context.Context, verb, route, requestID string) {
	span := trace.SpanFromContext(ctx)
	if !span.IsRecording() {
		return
	}
	span.SetAttributes(RequestID.String(requestID))
	if route != "" {
		span.SetName(method(verb) + " " + route)
		span.SetAttributes(attribute.String("http.route", route))
	}
}

// TraceID is the trace that ctx belongs to, for logs; "" where there is none.
func TraceID(ctx context.Context) string {
	if at := trace.SpanContextFromContext(ctx); at.IsValid() {
		return at.TraceID().String()
	}
	return ""
}

// method is one of the known ones: others are whatever a client has thought of.
func method(m string) string {
	switch m {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return m
	}
	return "HTTP"
}

// Transport has each request to another service of ours that is made within a
// trace become a span of it, and carry it on. Outside of one it is base alone.
func Transport(base http.RoundTripper) http.RoundTripper {
	return transport{base, otelhttp.NewTransport(base, otelhttp.WithPropagators(w3c),
		otelhttp.WithSpanNameFormatter(func(_ string, r *http.Request) string { return method(r.Method) }))}
}

type transport struct{ base, traced http.RoundTripper }

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if !trace.SpanContextFromContext(r.Context()).IsValid() {
		return t.base.RoundTrip(r)
	}
	return t.traced.RoundTrip(r)
}

// CloseIdleConnections serves http.Client's method of the name.
func (t transport) CloseIdleConnections() {
	if closer, ok := t.base.(interface{ CloseIdleConnections() }); ok {
		closer.CloseIdleConnections()
	}
}
