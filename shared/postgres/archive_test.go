package postgres_test

import (
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/loveapp/backend/shared/eventually"
	"github.com/loveapp/backend/shared/postgres"
	"github.com/loveapp/backend/shared/postgres/pgtest"
)

func TestAnArchiveThatTakesNothingIsSeenByOperators(t *testing.T) {
	t.Parallel()
	set := pgtest.NewReplicaSet(t, 0, "diary", diaryFiles())
	if failing := archive(t, set)(); failing != 0 {
		t.Errorf("without an archive it is %v", failing)
	}
	set.Servers[0].Archive("false")
	failing := archive(t, set)
	eventually.True(t, "the archive fails", func() bool { return failing() == 1 })
	set.Servers[0].Archive("true")
	failing = archive(t, set)
	eventually.True(t, "the archive is well again", func() bool { return failing() == 0 })
}

// archive gives what operators see; -1 where nothing is said.
func archive(t *testing.T, set *pgtest.ReplicaSet) func() float64 {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(postgres.Collector(open(t, set.Config())))
	return func() float64 {
		families, err := registry.Gather()
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range families {
			if f.GetName() == "db_archive_failing" {
				return f.GetMetric()[0].GetGauge().GetValue()
			}
		}
		return -1
	}
}
