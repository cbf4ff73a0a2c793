// Package tracing follows a request through every process and queue that it
// passes (OpenTelemetry, W3C Trace Context) and sends what it saw to a collector
// by OTLP. Without a collector nothing is made, and a nil *Tracing does nothing.
package tracing

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/idgen"
)

const (
	// queueSize is how many finished spans wait for the collector, of some 1 KiB
	// each: what does not fit is dropped, and nobody waits.
	queueSize = 4096
	batchSize = 512
	// batchPause is how long a span may wait for others to go with.
	batchPause = time.Second
	// exportLimit bounds one request to the collector, and closeLimit what the
	// end of the process waits for the last ones.
	exportLimit = 5 * time.Second
	closeLimit  = 2 * time.Second
)

// Config says what is traced and where it goes.
type Config struct {
	// Endpoint is the collector's base URL (OTLP over HTTP); "" switches tracing off.
	Endpoint string
	// Sampler and SamplerArg are OpenTelemetry's OTEL_TRACES_SAMPLER and
	// OTEL_TRACES_SAMPLER_ARG; "" is parentbased_always_on.
	Sampler, SamplerArg string

	Service string
	Version string
	Logger  *slog.Logger
	Metrics prometheus.Registerer
}

// FromInfra takes what an operator has decided.
func FromInfra(c config.Infra, service, version string, logger *slog.Logger, metrics prometheus.Registerer) Config {
	return Config{
		Endpoint: c.OTLPEndpoint, Sampler: c.TracesSampler, SamplerArg: c.TracesSamplerArg,
		Service: service, Version: version, Logger: logger, Metrics: metrics,
	}
}

// Tracing makes the spans of one service.
type Tracing struct {
	provider *sdk.TracerProvider
	tracer   trace.Tracer
	giveUp   context.CancelFunc
}

// Open begins to trace; nil where no collector is named. It does not need to be
// up, and is never waited for. Close when done.
func Open(c Config) (*Tracing, error) {
	if c.Endpoint == "" {
		return nil, nil //nolint:nilnil // a nil *Tracing is what does nothing
	}
	if c.Service == "" || c.Logger == nil || c.Metrics == nil {
		return nil, errors.New("tracing: Service, Logger and Metrics are required")
	}
	sampler, err := config.ParseSampler(c.Sampler, c.SamplerArg)
	if err != nil {
		return nil, fmt.Errorf("tracing: %w", err)
	}
	sender, err := newSender(c)
	if err != nil {
		return nil, fmt.Errorf("tracing: %w", err)
	}
	// Deadlines are the exporter's own: it is the only one who waits for the collector.
	batches := sdk.NewBatchSpanProcessor(sender,
		sdk.WithMaxQueueSize(queueSize), sdk.WithMaxExportBatchSize(batchSize),
		sdk.WithBatchTimeout(batchPause), sdk.WithExportTimeout(exportLimit))
	provider := sdk.NewTracerProvider(
		sdk.WithSampler(samplerOf(sampler)), sdk.WithSpanProcessor(sender.counting(batches)),
		sdk.WithResource(resource.NewSchemaless(
			attribute.String("service.name", c.Service), attribute.String("service.namespace", "love-app"),
			attribute.String("service.version", c.Version), attribute.String("service.instance.id", idgen.NewV7()))))
	return &Tracing{provider: provider, tracer: provider.Tracer(scope), giveUp: sender.giveUp}, nil
}

// scope is the name under which the spans of this backend's own making go.
const scope = "github.com/loveapp/backend"

func samplerOf(s config.Sampler) sdk.Sampler {
	root := sdk.TraceIDRatioBased(s.Ratio)
	if s.ByParent {
		return sdk.ParentBased(root)
	}
	return root
}

// newSender makes what carries spans to the collector. Beyond the endpoint it
// heeds OpenTelemetry's own settings: OTEL_EXPORTER_OTLP_HEADERS and _CERTIFICATE.
func newSender(c Config) (*sender, error) {
	target, err := url.JoinPath(c.Endpoint, "v1/traces")
	if err != nil {
		return nil, err
	}
	// What a collector refuses is lost: trying again would hold up what comes after.
	wire, err := otlptracehttp.New(context.Background(), otlptracehttp.WithEndpointURL(target), otlptracehttp.WithTimeout(exportLimit),
		otlptracehttp.WithCompression(otlptracehttp.GzipCompression), otlptracehttp.WithRetry(otlptracehttp.RetryConfig{}))
	if err != nil {
		return nil, err
	}
	s := &sender{wire: wire, logger: c.Logger, spans: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "trace_spans_total", Help: "Spans of sampled requests, by what became of them: ended, sent, lost. Those that ended and are neither were dropped, or wait.",
	}, []string{"fate"})}
	s.closed, s.giveUp = context.WithCancel(context.Background())
	if err := c.Metrics.Register(s.spans); err != nil {
		s.giveUp()
		return nil, err
	}
	for _, fate := range []string{ended, sent, lost} {
		s.spans.WithLabelValues(fate)
	}
	return s, nil
}

// Close sends what waits, for two seconds at most: a collector that hangs holds nobody up.
func (t *Tracing) Close() error {
	if t == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), closeLimit)
	defer cancel()
	defer t.giveUp()
	if err := t.provider.Shutdown(ctx); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("tracing: %w", err)
	}
	return nil
}
