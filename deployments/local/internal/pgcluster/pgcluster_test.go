package pgcluster_test

import (
	"context"
	"database/sql"
	"log/slog"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/loveapp/backend/deployments/local/internal/pgcluster"
	"github.com/loveapp/backend/deployments/local/internal/topology"
	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/eventually"
	"github.com/loveapp/backend/shared/freeport"
	"github.com/loveapp/backend/shared/postgres"
	"github.com/loveapp/backend/shared/process"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	// toxiproxy leaves a pipe behind where both ends of a connection break at once.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/Shopify/toxiproxy/v2/toxics.(*NoopToxic).Pipe"))
}

const limit = 60 * time.Second

func start(t *testing.T, by relays, synchronous bool) (*pgcluster.Cluster, *topology.Plan) {
	t.Helper()
	dir := t.TempDir()
	for _, sub := range []string{"logs", "run"} {
		if err := os.Mkdir(dir+"/"+sub, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	plan, err := topology.New(dir, dir, freeport.Block(t), 0, false)
	if err != nil {
		t.Fatal(err)
	}
	plan.Synchronous = synchronous
	if plan.Secrets, err = topology.LoadSecrets(dir); err != nil {
		t.Fatal(err)
	}
	reach := func(server config.HostPort) config.HostPort { return by.reach(t, server) }
	c, err := pgcluster.NewReaching(plan, slog.New(slog.NewTextHandler(t.Output(), nil)), reach)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	if err := c.Start(ctx); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Stop(context.Background()); err != nil {
			t.Error(err)
		}
		if left := process.InFolder(plan.Work("")); len(left) > 0 {
			t.Errorf("processes are left: %v", left)
		}
	})
	return c, plan
}

// primary opens whichever server is read-write, as the services do.
func primary(t *testing.T, plan *topology.Plan) *sql.DB {
	t.Helper()
	c := postgres.Config{Username: topology.DatabaseUser, Password: plan.Secrets.Database, Name: topology.DatabaseSchema, SSLMode: "disable"}
	for i := range topology.Databases {
		c.Hosts = append(c.Hosts, plan.DatabaseAddr(i))
	}
	db, err := postgres.OpenLogin(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func pidOf(t *testing.T, c *pgcluster.Cluster, role string) (string, int) {
	t.Helper()
	for _, n := range c.Nodes(t.Context()) {
		if n.Role == role {
			return n.Name, n.PID
		}
	}
	t.Fatalf("no %s", role)
	return "", 0
}

func allStreaming(t *testing.T, db *sql.DB) func() bool {
	return func() bool {
		// pg_basebackup streams too, but it replays nothing.
		var streaming int
		err := db.QueryRowContext(t.Context(), `SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming' AND replay_lsn IS NOT NULL`).Scan(&streaming)
		return err == nil && streaming == topology.Databases-1
	}
}

// One cluster goes through it all in turn: it takes seconds to make, and a
// cluster that has failed over once must be able to do so again.
func TestTheClusterSurvivesTheLossOfEachOfItsParts(t *testing.T) {
	t.Parallel()
	by := relays{}
	c, plan := start(t, by, true)
	db := primary(t, plan)
	eventually.True(t, "both replicas stream", allStreaming(t, db))
	for _, step := range []struct {
		name string
		run  func(*testing.T, *pgcluster.Cluster, *topology.Plan, *sql.DB)
	}{
		{"a killed replica comes back with its data", killReplica},
		{"a frozen standby stops no barrier", haltAStandby},
		{"without a standby no barrier waits for ever", haltEveryStandby},
		{"where nobody answers the primary is left alone", haltEverybody},
		{"a primary that replicas hear is left alone", by.slowTheWay},
		{"a primary that died is started again where a standby may hold more than the one that answers", killPrimaryWhileAStandbyIsMute},
		{"a replica takes over with everything that a barrier confirmed", killPrimary},
		{"a frozen primary is fenced before another takes over", freezePrimary},
	} {
		if !t.Run(step.name, func(t *testing.T) { step.run(t, c, plan, db) }) {
			return
		}
	}
}

func killReplica(t *testing.T, c *pgcluster.Cluster, _ *topology.Plan, db *sql.DB) {
	_, pid := pidOf(t, c, "replica")
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	eventually.True(t, "the replica is gone", func() bool { return !process.Alive(pid) })
	eventually.True(t, "it streams again", allStreaming(t, db))
}

func killPrimary(t *testing.T, c *pgcluster.Cluster, _ *topology.Plan, db *sql.DB) {
	if _, err := db.ExecContext(t.Context(), `CREATE TABLE promises (n int)`); err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), `INSERT INTO promises SELECT generate_series(1, 1000)`); err != nil { // synchronous_commit is on
		t.Fatal(err)
	}
	old, pid := pidOf(t, c, "primary")
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	eventually.True(t, "writes go on", func() bool {
		_, err := db.ExecContext(t.Context(), `INSERT INTO promises VALUES (0)`)
		return err == nil
	})
	eventually.True(t, "another one is the primary", replaced(t, c, old))
	var kept int
	eventually.True(t, "its rows can be counted", func() bool { // those of the dead one's processes that still lived answer no more
		return db.QueryRowContext(t.Context(), `SELECT count(*) FROM promises WHERE n > 0`).Scan(&kept) == nil
	})
	if kept != 1000 {
		t.Fatalf("%d of 1000 confirmed rows are left", kept)
	}
	eventually.True(t, "the old primary streams from the new one", allStreaming(t, db))
	eventually.True(t, "it confirms commits, too", confirmedBy(t, db, 2))
}

func freezePrimary(t *testing.T, c *pgcluster.Cluster, plan *topology.Plan, db *sql.DB) {
	old, pid := pidOf(t, c, "primary")
	process.SignalFolder(plan.Work(old), syscall.SIGSTOP)
	frozen := time.Now()
	eventually.True(t, "another one is the primary", replaced(t, c, old))
	t.Logf("given up after %s", time.Since(frozen))
	if process.Alive(pid) {
		t.Fatal("the frozen primary was not killed")
	}
	eventually.True(t, "it comes back as a replica", allStreaming(t, db))
	barrier(t, db)
}

func replaced(t *testing.T, c *pgcluster.Cluster, old string) func() bool {
	return func() bool {
		now, _ := pidOf(t, c, "primary")
		return now != old
	}
}
