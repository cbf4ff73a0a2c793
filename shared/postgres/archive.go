package postgres

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"
)

// archiveFailing: the archiver tries again and again, and what was last tells. A
// server that keeps no archive has never failed to.
const archiveFailing = `SELECT current_setting('archive_mode') <> 'off' AND last_failed_time IS NOT NULL
	AND (last_archived_time IS NULL OR last_failed_time > last_archived_time) FROM pg_stat_archiver`

// archive exports whether the primary's archive of write-ahead log takes what it
// is given: while it does not, a restore loses more with every minute, and the
// primary's disk fills. Nobody but whoever scrapes wants to know, so it is asked
// then; a primary that does not answer is left out.
type archive struct {
	primary *server
	failing *prometheus.Desc
}

func newArchive(primary *server) archive {
	return archive{primary, prometheus.NewDesc("db_archive_failing", "1 while the archive of write-ahead log does not take what the primary gives it.", nil, nil)}
}

// Describe implements prometheus.Collector.
func (a archive) Describe(descs chan<- *prometheus.Desc) { descs <- a.failing }

// Collect implements prometheus.Collector.
func (a archive) Collect(metrics chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), askLimit)
	defer cancel()
	var failing bool
	if a.primary.scout.GetContext(ctx, &failing, archiveFailing) != nil {
		return
	}
	value := 0.0
	if failing {
		value = 1
	}
	metrics <- prometheus.MustNewConstMetric(a.failing, prometheus.GaugeValue, value)
}
