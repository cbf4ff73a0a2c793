package redispool

import (
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// commandBuckets in seconds: a command takes some 0.1 ms, and at most a second and a bit.
var commandBuckets = []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5}

// figures are what a pool counts about itself.
type figures struct {
	reads *prometheus.CounterVec
	took  *prometheus.HistogramVec
	deaf  prometheus.Counter
}

func newFigures() *figures {
	return &figures{
		reads: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "redis_reads_total", Help: "Reads of one value, or of some of its fields, by whether it was there: hits / (hits + misses) is the hit ratio.",
		}, []string{"command", "result"}),
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "redis_command_duration_seconds", Help: "Time that commands took, the wait for a connection included, by outcome.", Buckets: commandBuckets,
		}, []string{"outcome"}),
		deaf: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "redis_subscription_probe_failures_total", Help: "Subscriptions that were alive and heard nothing; each was made anew.",
		}),
	}
}

// looked counts commands that read one value, or some fields of one.
func (f *figures) looked(command string, reply any) {
	switch command {
	case "GET", "GETDEL", "GETEX", "HGET", "HMGET":
	default:
		return
	}
	result := "hit"
	if fields, several := reply.([]any); reply == nil || several && !slices.ContainsFunc(fields, func(field any) bool { return field != nil }) {
		result = "miss"
	}
	f.reads.WithLabelValues(command, result).Inc()
}

func (f *figures) ended(start time.Time, err error) {
	outcome := "ok"
	if err != nil {
		outcome = "error"
	}
	f.took.WithLabelValues(outcome).Observe(time.Since(start).Seconds())
}

// Collector exports the hits and misses of reads, how long commands take, and
// how many connections there are.
func Collector(p *Pool) prometheus.Collector {
	return collectorGroup{p.figures.reads, p.figures.took, p.figures.deaf, connectionsCollector{p}}
}

var connections = prometheus.NewDesc("redis_connections", "Connections to Redis, by state.", []string{"state"}, nil)

// connectionsCollector adds up the nodes' pools.
type connectionsCollector struct{ pool *Pool }

// Describe implements prometheus.Collector.
func (connectionsCollector) Describe(descs chan<- *prometheus.Desc) { descs <- connections }

// Collect implements prometheus.Collector.
func (c connectionsCollector) Collect(metrics chan<- prometheus.Metric) {
	active, idle := 0, 0
	if nodes := c.pool.nodes.Load(); nodes != nil {
		active, idle = (*nodes).connections()
	}
	metrics <- prometheus.MustNewConstMetric(connections, prometheus.GaugeValue, float64(active-idle), "in_use")
	metrics <- prometheus.MustNewConstMetric(connections, prometheus.GaugeValue, float64(idle), "idle")
}

// collectorGroup is several collectors that are registered as one.
type collectorGroup []prometheus.Collector

// Describe implements prometheus.Collector.
func (g collectorGroup) Describe(descs chan<- *prometheus.Desc) {
	for _, c := range g {
		c.Describe(descs)
	}
}

// Collect implements prometheus.Collector.
func (g collectorGroup) Collect(metrics chan<- prometheus.Metric) {
	for _, c := range g {
		c.Collect(metrics)
	}
}
