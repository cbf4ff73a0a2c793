package metrics

import (
	"maps"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Exchange is a request that has been answered.
type Exchange struct {
	Route  string // the pattern, never the path: labels must be few; "" = no route matched
	Method string
	Status int
	Took   time.Duration
	// Received and Sent are the bytes of the bodies that have passed.
	Received, Sent int64
}

// requests are the metrics of exchanges. The series of each kind of exchange are
// looked up by their labels once, and then found without a lock.
type requests struct {
	answered       *prometheus.CounterVec
	latency        *prometheus.HistogramVec
	received, sent *prometheus.CounterVec

	known atomic.Pointer[map[kind]series]
	mu    sync.Mutex // held to add to known, which is copied: there are few
}

type kind struct {
	route, method string
	status        int
}

type series struct {
	answered       prometheus.Counter
	latency        prometheus.Observer
	received, sent prometheus.Counter
}

func newRequests() *requests {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	}
	q := &requests{
		answered: counter("http_requests_total", "Requests answered, by route, method and status.", "route", "method", "status"),
		latency: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "http_request_duration_seconds", Help: "Time to answer, by route and method.", Buckets: latencyBuckets,
		}, []string{"route", "method"}),
		received: counter("http_request_bytes_total", "Bytes of the bodies of requests, by route and method.", "route", "method"),
		sent:     counter("http_response_bytes_total", "Bytes of the bodies of answers, by route and method.", "route", "method"),
	}
	q.known.Store(&map[kind]series{})
	return q
}

func (q *requests) collectors() []prometheus.Collector {
	return []prometheus.Collector{q.answered, q.latency, q.received, q.sent}
}

func (q *requests) ended(x Exchange) {
	k := kind{x.Route, knownMethod(x.Method), x.Status}
	s, ok := (*q.known.Load())[k]
	if !ok {
		s = q.learn(k)
	}
	s.answered.Inc()
	s.latency.Observe(x.Took.Seconds())
	if x.Received > 0 {
		s.received.Add(float64(x.Received))
	}
	if x.Sent > 0 {
		s.sent.Add(float64(x.Sent))
	}
}

// learn looks the series of a kind of exchange up.
func (q *requests) learn(k kind) series {
	route := k.route
	if route == "" {
		route = "unmatched"
	}
	s := series{
		answered: q.answered.WithLabelValues(route, k.method, strconv.Itoa(k.status)), latency: q.latency.WithLabelValues(route, k.method),
		received: q.received.WithLabelValues(route, k.method), sent: q.sent.WithLabelValues(route, k.method),
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	before := *q.known.Load()
	after := make(map[kind]series, len(before)+1)
	maps.Copy(after, before)
	after[k] = s
	q.known.Store(&after)
	return s
}

func knownMethod(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return method
	}
	return "other" // a client could otherwise make labels without end
}
