package tracing

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/attribute"
	sdk "go.opentelemetry.io/otel/sdk/trace"
)

// The fates of a span, as trace_spans_total has them.
const (
	ended = "ended"
	sent  = "sent"
	lost  = "lost"
)

// complainEvery: a collector that is away says so once a minute and not once a second.
const complainEvery = time.Minute

// sender carries spans to the collector, without what might be about people.
type sender struct {
	wire   sdk.SpanExporter
	logger *slog.Logger
	spans  *prometheus.CounterVec

	closed context.Context //nolint:containedctx // ends what is on its way when nobody waits any longer
	giveUp context.CancelFunc

	mu         sync.Mutex
	complained time.Time
}

var _ sdk.SpanExporter = (*sender)(nil)

// ExportSpans implements sdk.SpanExporter. A failure is noted and forgotten.
func (s *sender) ExportSpans(ctx context.Context, spans []sdk.ReadOnlySpan) error {
	modest := make([]sdk.ReadOnlySpan, len(spans))
	for i, span := range spans {
		modest[i] = modestSpan{span}
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(s.closed, cancel)()
	fate, err := sent, s.closed.Err()
	if err == nil {
		err = s.wire.ExportSpans(ctx, modest)
	}
	if err != nil {
		fate = lost
		s.complain(ctx, len(spans))
	}
	s.spans.WithLabelValues(fate).Add(float64(len(spans)))
	return nil
}

func (s *sender) complain(ctx context.Context, spans int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now := time.Now(); now.Sub(s.complained) >= complainEvery {
		s.complained = now
		// Not the error: it may quote headers, and those hold the collector's credentials.
		s.logger.LogAttrs(ctx, slog.LevelWarn, "spans could not be sent to the trace collector; everything else goes on", slog.Int("spans", spans))
	}
}

// Shutdown implements sdk.SpanExporter.
func (s *sender) Shutdown(ctx context.Context) error { return s.wire.Shutdown(ctx) }

// counting counts what has ended on its way into the queue.
func (s *sender) counting(next sdk.SpanProcessor) sdk.SpanProcessor {
	return counter{next, s.spans.WithLabelValues(ended)}
}

type counter struct {
	sdk.SpanProcessor
	ended prometheus.Counter
}

func (c counter) OnEnd(span sdk.ReadOnlySpan) {
	if span.SpanContext().IsSampled() {
		c.ended.Inc()
	}
	c.SpanProcessor.OnEnd(span)
}

// modestSpan is a span as it may leave the process: addresses, paths with ids of
// people, user agents and the texts of errors stay here, whoever has put them on it.
type modestSpan struct{ sdk.ReadOnlySpan }

func (m modestSpan) Attributes() []attribute.KeyValue {
	all := m.ReadOnlySpan.Attributes()
	kept := make([]attribute.KeyValue, 0, len(all))
	for _, a := range all {
		if mayLeave[a.Key] {
			kept = append(kept, a)
		}
	}
	return kept
}

// Events are those of errors, which quote what they are about.
func (m modestSpan) Events() []sdk.Event { return nil }

func (m modestSpan) Status() sdk.Status { return sdk.Status{Code: m.ReadOnlySpan.Status().Code} }

// mayLeave are the only attributes that a span takes along. Ids of tickets,
// notifications and sockets are nobody's name; users' ids are not among them.
var mayLeave = map[attribute.Key]bool{
	"http.request.method": true, "http.response.status_code": true, "http.route": true,
	"http.request.body.size": true, "http.response.body.size": true,
	"network.protocol.version": true, "url.scheme": true, "error.type": true,
	RequestID: true, Ticket: true, Alert: true, Attempt: true, Waited: true, Fate: true, Batch: true, Level: true,
	Notification: true, Provider: true, Step: true, Live: true, Template: true, Peer: true,
}
