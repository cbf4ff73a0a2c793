package postgres

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// statementBuckets in seconds: most take about a millisecond, and the time-out is 30 s.
var statementBuckets = []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 5, 30}

// figures are what a DB counts about itself.
type figures struct {
	took  *prometheus.HistogramVec
	reads *prometheus.CounterVec
}

func newFigures() *figures {
	f := &figures{
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "db_statement_duration_seconds", Help: "Time that statements took, by kind and outcome.", Buckets: statementBuckets,
		}, []string{"op", "outcome"}),
		reads: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "db_reads_total", Help: "Reads that need not be from the primary, by the server that was read.",
		}, []string{"server"}),
	}
	f.took.WithLabelValues("connect", "error") // from nought: an alert sees the first one, too
	return f
}

// observe also tells whoever the config names.
func (f *figures) observe(also func(string, time.Duration, error)) func(string, time.Duration, error) {
	return func(op string, took time.Duration, err error) {
		outcome := "ok"
		if err != nil {
			outcome = "error"
		}
		f.took.WithLabelValues(op, outcome).Observe(took.Seconds())
		if also != nil {
			also(op, took, err)
		}
	}
}

// Collector exports how long statements take, which servers are read, how far
// replicas are behind, whether the archive fails, and each pool's figures (open, in
// use, idle, waits) as go_sql_*, with db_name the schema and, for a replica, its number.
func Collector(db *DB) prometheus.Collector {
	group := collectorGroup{db.figures.took, db.figures.reads, newArchive(db.primary), collectors.NewDBStatsCollector(db.primary.pool.db.DB, db.config.Schema)}
	for _, r := range db.replicas {
		group = append(group, collectors.NewDBStatsCollector(r.pool.db.DB, db.config.Schema+" "+r.name),
			r.gauge("db_replica_lag_seconds", "How far the replica is behind.", func() float64 { return time.Duration(r.lag.Load()).Seconds() }),
			r.gauge("db_replica_usable", "1 while the replica is read.", func() float64 {
				if r.usable.Load() {
					return 1
				}
				return 0
			}))
	}
	return group
}

func (r *replica) gauge(name, help string, value func() float64) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help, ConstLabels: prometheus.Labels{"server": r.name}}, value)
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
