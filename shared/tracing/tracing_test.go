package tracing_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"go.opentelemetry.io/otel/attribute"
	"go.uber.org/goleak"

	"github.com/loveapp/backend/shared/eventually"
	"github.com/loveapp/backend/shared/tracing"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	sampled   = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
	unsampled = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"
	other     = "00-4bf92f3577b34da6a3ce929d0e0e4737-00f067aa0ba902b8-01"
)

// collector keeps what it is sent, as bytes.
type collector struct {
	mu   sync.Mutex
	said bytes.Buffer
}

func (c *collector) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	body, err := gzip.NewReader(r.Body)
	if err != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	_, _ = io.Copy(&c.said, body) //nolint:gosec // a test's
}

func (c *collector) has(text string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return strings.Contains(c.said.String(), text)
}

func open(t *testing.T, handler http.Handler, change func(*tracing.Config)) (*tracing.Tracing, *prometheus.Registry) {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	registry := prometheus.NewRegistry()
	c := tracing.Config{Endpoint: server.URL, Service: "test", Logger: slog.New(slog.DiscardHandler), Metrics: registry}
	if change != nil {
		change(&c)
	}
	traced, err := tracing.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	return traced, registry
}

func closed(t *testing.T, traced *tracing.Tracing) {
	t.Helper()
	if err := traced.Close(); err != nil {
		t.Error(err)
	}
}

func TestWithoutACollectorNothingIsMade(t *testing.T) {
	t.Parallel()
	off, err := tracing.Open(tracing.Config{})
	if off != nil || err != nil {
		t.Fatalf("%v %v", off, err)
	}
	ctx, span := off.Follow(t.Context(), sampled, "x")
	if ctx != t.Context() || span != nil || span.Carried(sampled) != sampled {
		t.Error("a span was made")
	}
	span.Set(tracing.Live.Bool(true))
	span.Fail()
	span.End()
	handler := http.NewServeMux()
	if off.Handler(handler) != http.Handler(handler) {
		t.Error("the handler was wrapped")
	}
	closed(t, off)
}

func TestATraceIsCarriedOnlyWhereItIsFollowed(t *testing.T) {
	t.Parallel()
	for carried, want := range map[string]string{sampled: sampled, unsampled: "", "": "", "00-x": "", strings.Repeat("0", len(sampled)): ""} {
		if got := tracing.Carried(tracing.Carry(t.Context(), carried)); got != want {
			t.Errorf("%q is carried as %q", carried, got)
		}
		if tracing.IsCarried(carried) != (want != "") {
			t.Errorf("%q is taken for something carried, or not", carried)
		}
	}
	if tracing.Header(tracing.Carry(t.Context(), unsampled)) != unsampled {
		t.Error("what nobody follows is named, too")
	}
	if tracing.IsCarried(sampled + "-more") {
		t.Error("more than a traceparent is stored")
	}
}

func TestWhatIsDoneForManyAtOnceIsPartOfTheirTraceOrLinkedToEach(t *testing.T) {
	t.Parallel()
	traced, _ := open(t, &collector{}, nil)
	defer closed(t, traced)
	ctx, span := traced.Together(t.Context(), []string{"", sampled, sampled}, "one")
	if span == nil || tracing.TraceID(ctx) != sampled[3:35] {
		t.Errorf("one trace, and it is done in %q", tracing.TraceID(ctx))
	}
	span.End()
	ctx, span = traced.Together(t.Context(), []string{sampled, other}, "two")
	if id := tracing.TraceID(ctx); span == nil || id == sampled[3:35] || id == other[3:35] || id == "" {
		t.Errorf("two traces, and it is done in %q", id)
	}
	span.End()
	if _, span = traced.Together(t.Context(), []string{"", ""}, "none"); span != nil {
		t.Error("nobody follows it")
	}
}

func TestNothingAboutPeopleLeavesTheProcess(t *testing.T) {
	t.Parallel()
	c := &collector{}
	traced, registry := open(t, c, nil)
	handler := traced.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tracing.Answered(r.Context(), r.Method, "/v1/people/:id", "request-1")
		_, span := traced.Follow(r.Context(), tracing.Carried(r.Context()), "inner", attribute.String("user.email", "ada@example.com"), tracing.Ticket.String("ticket-1"))
		span.Fail()
		span.End()
		w.WriteHeader(http.StatusInternalServerError)
	}))
	server := httptest.NewServer(handler)
	defer server.Close()
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/v1/people/ada?ticket=hush", http.NoBody)
	r.Header.Set("User-Agent", "adas-phone")
	r.Header.Set("Traceparent", sampled)
	r.Header.Set("Tracestate", "mail=ada")
	r.Header.Set("Baggage", "name=ada")
	answer, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	eventually.True(t, "both spans have ended", func() bool { return count(t, registry) >= 2 })
	closed(t, traced)
	for _, wanted := range []string{"GET /v1/people/:id", "request-1", "ticket-1", "inner"} {
		if !c.has(wanted) {
			t.Errorf("nothing says %q", wanted)
		}
	}
	for _, private := range []string{"ada", "hush", "127.0.0.1", "phone"} {
		if c.has(private) {
			t.Errorf("%q has left", private)
		}
	}
}

// count is how many spans have ended.
func count(t *testing.T, registry *prometheus.Registry) float64 {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetName() == "trace_spans_total" && m.GetLabel()[0].GetValue() == "ended" {
				return m.GetCounter().GetValue()
			}
		}
	}
	return 0
}

func TestProbesAndErrandsOfOursBeginNoTrace(t *testing.T) {
	t.Parallel()
	traced, registry := open(t, &collector{}, nil)
	defer closed(t, traced)
	handler := traced.Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	ask := func(path, parent string) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, http.NoBody)
		if parent != "" {
			r.Header.Set("Traceparent", parent)
		}
		handler.ServeHTTP(httptest.NewRecorder(), r)
	}
	ask("/health/ready", sampled)
	ask("/internal/revocations", "")
	ask("/v1/x", unsampled)
	if n := count(t, registry); n != 0 {
		t.Errorf("%v spans", n)
	}
	ask("/internal/notifications", sampled)
	ask("/v1/x", "")
	if n := count(t, registry); n != 2 {
		t.Errorf("%v spans, want 2", n)
	}
}

func TestTheSamplersAreOpenTelemetrys(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		sampler, arg string
		spans        float64 // of three requests: a root, one of a sampled trace, one of an unsampled
	}{
		"the default":        {"", "", 2},
		"always":             {"always_on", "", 3},
		"never":              {"always_off", "", 0},
		"only the parent's":  {"parentbased_always_off", "", 1},
		"a ratio of nothing": {"parentbased_traceidratio", "0", 1},
		"a ratio of all":     {"traceidratio", "1", 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			traced, registry := open(t, &collector{}, func(conf *tracing.Config) { conf.Sampler, conf.SamplerArg = c.sampler, c.arg })
			defer closed(t, traced)
			handler := traced.Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
			for _, parent := range []string{"", sampled, unsampled} {
				r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/v1/x", http.NoBody)
				if parent != "" {
					r.Header.Set("Traceparent", parent)
				}
				handler.ServeHTTP(httptest.NewRecorder(), r)
			}
			if n := count(t, registry); n != c.spans {
				t.Errorf("%v spans, want %v", n, c.spans)
			}
		})
	}
}

func TestARequestToAPeerCarriesTheTraceAndOnlyThen(t *testing.T) {
	t.Parallel()
	traced, _ := open(t, &collector{}, nil)
	defer closed(t, traced)
	heard := make(chan string, 2)
	peer := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { heard <- r.Header.Get("Traceparent") }))
	defer peer.Close()
	client := &http.Client{Transport: tracing.Transport(&http.Transport{DisableKeepAlives: true})}
	call := func(ctx context.Context) string {
		r, _ := http.NewRequestWithContext(ctx, http.MethodGet, peer.URL, http.NoBody)
		answer, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		return <-heard
	}
	if got := call(t.Context()); got != "" {
		t.Errorf("outside of a trace the peer hears %q", got)
	}
	ctx, span := traced.Follow(t.Context(), sampled, "x")
	defer span.End()
	if got := call(ctx); !strings.HasPrefix(got, sampled[:36]) || got == sampled || got == span.Carried("") {
		t.Errorf("the peer hears %q within %q: want a span of its own", got, span.Carried(""))
	}
}

func TestACollectorThatRefusesCostsTheSpansAndOneLineInTheLog(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	traced, registry := open(t, http.NotFoundHandler(), func(c *tracing.Config) { c.Logger = slog.New(slog.NewJSONHandler(&log, nil)) })
	_, span := traced.Begin(t.Context(), "x")
	span.End()
	closed(t, traced)
	want := `
		# HELP trace_spans_total Spans of sampled requests, by what became of them: ended, sent, lost. Those that ended and are neither were dropped, or wait.
		# TYPE trace_spans_total counter
		trace_spans_total{fate="ended"} 1
		trace_spans_total{fate="lost"} 1
		trace_spans_total{fate="sent"} 0
	`
	if err := testutil.GatherAndCompare(registry, strings.NewReader(want), "trace_spans_total"); err != nil {
		t.Error(err)
	}
	if n := strings.Count(log.String(), "\n"); n != 1 {
		t.Errorf("%d lines: %s", n, &log)
	}
}

func TestACollectorThatHangsStopsNeitherWorkNorTheEnd(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	defer close(release)
	traced, registry := open(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	}), nil)
	const many = 20_000 // more than wait
	for range many {
		_, span := traced.Begin(t.Context(), "x")
		span.End()
	}
	if n := count(t, registry); n != many {
		t.Errorf("%v of %d have ended", n, many)
	}
	closed(t, traced)
}

func TestWhatCannotBeIsRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]tracing.Config{
		"a hole":    {Endpoint: "http://127.0.0.1:4318"},
		"a sampler": {Endpoint: "http://127.0.0.1:4318", Service: "x", Logger: slog.New(slog.DiscardHandler), Metrics: prometheus.NewRegistry(), Sampler: "sometimes"},
	} {
		if traced, err := tracing.Open(c); err == nil || traced != nil {
			t.Errorf("%s: %v", name, errors.Join(err, traced.Close()))
		}
	}
}
