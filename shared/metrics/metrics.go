// Package metrics collects a service's Prometheus metrics and serves them on
// the admin port, apart from what clients can reach.
package metrics

import (
	"net/http"
	"net/http/pprof"

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
	requests *requests
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
		requests: newRequests(),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{Name: "http_requests_in_flight", Help: "Requests being served."}),
	}
	m.service.MustRegister(append(m.requests.collectors(), m.inFlight)...)
	return m
}

// Registerer takes a service's own metrics.
func (m *Registry) Registerer() prometheus.Registerer { return m.service }

// Began notes a request that has come in.
func (m *Registry) Began() { m.inFlight.Inc() }

// Ended notes a request that has been answered.
func (m *Registry) Ended(x Exchange) {
	m.inFlight.Dec()
	m.requests.ended(x)
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
