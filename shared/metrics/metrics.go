// Package metrics collects a service's Prometheus metrics and serves them on
// the admin port, apart from what clients can reach.
package metrics

import (
	"net/http"
	"net/http/pprof"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// latencyBuckets in seconds stand around the promises: 5 and 20 ms for a
// notification, 150 and 300 ms for an alarm, 200 and 500 ms for any answer.
var latencyBuckets = []float64{.001, .0025, .005, .01, .02, .05, .1, .15, .2, .3, .5, 1, 2.5, 5, 10}

// Registry is the metrics of one service in one process.
type Registry struct {
	registry *prometheus.Registry
	service  prometheus.Registerer
	requests *prometheus.CounterVec
	latency  *prometheus.HistogramVec
	inFlight prometheus.Gauge
}

// New makes the registry of the named service; every metric carries the label service.
func New(service string) *Registry { return newIn(prometheus.NewRegistry(), service, true) }

// Beside makes the registry of another service of the same process: one admin port shows both.
func (m *Registry) Beside(service string) *Registry { return newIn(m.registry, service, false) }

func newIn(registry *prometheus.Registry, service string, process bool) *Registry {
	if process {
		registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	}
	m := &Registry{
		registry: registry,
		service:  prometheus.WrapRegistererWith(prometheus.Labels{"service": service}, registry),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "http_requests_total", Help: "Requests answered, by route, method and status.",
		}, []string{"route", "method", "status"}),
		latency: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "http_request_duration_seconds", Help: "Time to answer, by route and method.", Buckets: latencyBuckets,
		}, []string{"route", "method"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{Name: "http_requests_in_flight", Help: "Requests being served."}),
	}
	m.service.MustRegister(m.requests, m.latency, m.inFlight)
	return m
}

// Registerer takes a service's own metrics.
func (m *Registry) Registerer() prometheus.Registerer { return m.service }

// Began notes a request that has come in.
func (m *Registry) Began() { m.inFlight.Inc() }

// Ended notes a request that has been answered. The route is the pattern, never
// the path: labels must be few.
func (m *Registry) Ended(route, method string, status int, took time.Duration) {
	m.inFlight.Dec()
	if route == "" {
		route = "unmatched"
	}
	method = knownMethod(method)
	m.requests.WithLabelValues(route, method, strconv.Itoa(status)).Inc()
	m.latency.WithLabelValues(route, method).Observe(took.Seconds())
}

func knownMethod(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return method
	}
	return "other" // a client could otherwise make labels without end
}

// Handler serves /metrics and the profiler for the admin port.
func (m *Registry) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	return mux
}
