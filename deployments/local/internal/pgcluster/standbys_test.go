package pgcluster_test

import (
	"database/sql"
	"strings"
	"syscall"
	"testing"

	"github.com/loveapp/backend/deployments/local/internal/pgcluster"
	"github.com/loveapp/backend/deployments/local/internal/topology"
	"github.com/loveapp/backend/shared/eventually"
	"github.com/loveapp/backend/shared/process"
)

// confirmedBy reads how many standbys a barrier may be confirmed by.
func confirmedBy(t *testing.T, db *sql.DB, count int) func() bool {
	return func() bool {
		var names string
		err := db.QueryRowContext(t.Context(), `SELECT current_setting('synchronous_standby_names')`).Scan(&names)
		return err == nil && strings.Count(names, "postgres_") == count
	}
}

func TestWithoutSynchronousStandbysCommitsWaitForNobody(t *testing.T) {
	t.Parallel()
	_, plan := start(t, relays{}, false)
	db := primary(t, plan)
	eventually.True(t, "both replicas stream", allStreaming(t, db))
	if !confirmedBy(t, db, 0)() {
		t.Error("a standby confirms commits nevertheless")
	}
	barrier(t, db)
}

// barrier is a commit that waits for a standby: synchronous_commit is on.
func barrier(t *testing.T, db *sql.DB) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), `CREATE TABLE IF NOT EXISTS barriers (n int)`); err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), `INSERT INTO barriers VALUES (1)`); err != nil {
		t.Fatal(err)
	}
}

func replicas(t *testing.T, c *pgcluster.Cluster) (names []string) {
	t.Helper()
	for _, n := range c.Nodes(t.Context()) {
		if n.Role == "replica" {
			names = append(names, n.Name)
		}
	}
	return names
}

func haltAStandby(t *testing.T, c *pgcluster.Cluster, plan *topology.Plan, db *sql.DB) {
	name, pid := pidOf(t, c, "primary")
	frozen := replicas(t, c)[0]
	process.SignalFolder(plan.Work(frozen), syscall.SIGSTOP)
	barrier(t, db)
	eventually.True(t, "the other standby alone confirms", confirmedBy(t, db, 1))
	barrier(t, db)
	process.SignalFolder(plan.Work(frozen), syscall.SIGCONT)
	eventually.True(t, "both confirm again", confirmedBy(t, db, 2))
	if !process.Alive(pid) {
		t.Errorf("%s was killed", name)
	}
}

func haltEveryStandby(t *testing.T, c *pgcluster.Cluster, plan *topology.Plan, db *sql.DB) {
	for _, name := range replicas(t, c) {
		process.SignalFolder(plan.Work(name), syscall.SIGSTOP)
		defer process.SignalFolder(plan.Work(name), syscall.SIGCONT)
	}
	barrier(t, db) // it ends: without a bound the test's own limit would end it
	if !confirmedBy(t, db, 0)() {
		t.Error("a barrier came through, and it is not said that no standby confirmed it")
	}
	for _, name := range replicas(t, c) {
		process.SignalFolder(plan.Work(name), syscall.SIGCONT)
	}
	eventually.True(t, "both confirm again", confirmedBy(t, db, 2))
}

// The one that is asked in vain may be the only one to hold what was confirmed.
func killPrimaryWhileAStandbyIsMute(t *testing.T, c *pgcluster.Cluster, plan *topology.Plan, db *sql.DB) {
	name, pid := pidOf(t, c, "primary")
	mute := replicas(t, c)[0]
	process.SignalFolder(plan.Work(mute), syscall.SIGSTOP)
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	eventually.True(t, "there is a primary again", func() bool {
		_, now := pidOf(t, c, "primary")
		return now != 0 && now != pid
	})
	process.SignalFolder(plan.Work(mute), syscall.SIGCONT)
	if now, _ := pidOf(t, c, "primary"); now != name {
		t.Errorf("%s was promoted without the word of %s", now, mute)
	}
	eventually.True(t, "writes go on", func() bool {
		_, err := db.ExecContext(t.Context(), `INSERT INTO barriers VALUES (2)`)
		return err == nil
	})
	eventually.True(t, "both confirm again", confirmedBy(t, db, 2))
}
