package postgres

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// Collector exports the primary pool's figures (open, in use, idle, waits) as
// go_sql_*, with db_name the schema.
func Collector(db *DB) prometheus.Collector {
	return collectors.NewDBStatsCollector(db.primary.DB, db.config.Schema)
}
