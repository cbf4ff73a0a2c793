package pgcluster_test

import (
	"database/sql"
	"io"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/loveapp/backend/deployments/local/internal/pgcluster"
	"github.com/loveapp/backend/deployments/local/internal/topology"
	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/eventually"
	"github.com/loveapp/backend/shared/process"
	"github.com/rs/zerolog"
)

// longerThanItsPatience: 5 s without a sign of life, and 2 s of questions.
const longerThanItsPatience = 8 * time.Second

// lives watches for a while that a process does.
func lives(t *testing.T, pid int) {
	t.Helper()
	until := time.NewTimer(longerThanItsPatience)
	defer until.Stop()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-until.C:
			return
		case <-tick.C:
			if !process.Alive(pid) {
				t.Fatal("the primary was killed")
			}
		}
	}
}

// remains also sees that nobody took its place; it needs servers that answer.
func remains(t *testing.T, c *pgcluster.Cluster, name string, pid int) {
	t.Helper()
	lives(t, pid)
	if now, _ := pidOf(t, c, "primary"); now != name {
		t.Fatalf("%s took the place of %s", now, name)
	}
}

// A machine so busy that nobody answers is played by stopping everybody.
func haltEverybody(t *testing.T, c *pgcluster.Cluster, plan *topology.Plan, db *sql.DB) {
	name, pid := pidOf(t, c, "primary")
	for i := range topology.Databases {
		folder := plan.Work(topology.DatabaseName(i))
		process.SignalFolder(folder, syscall.SIGSTOP)
		defer process.SignalFolder(folder, syscall.SIGCONT)
	}
	lives(t, pid)
	replicasFirst := func(primary bool) {
		for i := range topology.Databases {
			if node := topology.DatabaseName(i); (node == name) == primary {
				process.SignalFolder(plan.Work(node), syscall.SIGCONT)
			}
		}
	}
	replicasFirst(false)
	replicasFirst(true)
	remains(t, c, name, pid)
	eventually.True(t, "both replicas stream again", allStreaming(t, db))
}

// relays stand between the supervisor and each server.
type relays map[config.HostPort]*toxiproxy.Proxy

func (r relays) reach(t *testing.T, server config.HostPort) config.HostPort {
	t.Helper()
	const offset = 100 // nothing of the plan listens there
	p := toxiproxy.NewProxy(toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.New(io.Discard)), server.Addr(),
		config.HostPort{Host: server.Host, Port: server.Port + offset}.Addr(), server.Addr())
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Stop)
	r[server] = p
	return config.HostPort{Host: server.Host, Port: server.Port + offset}
}

// slowTheWay makes each question to the primary take seconds, while its replicas hear it.
func (r relays) slowTheWay(t *testing.T, c *pgcluster.Cluster, plan *topology.Plan, _ *sql.DB) {
	t.Helper()
	name, pid := pidOf(t, c, "primary")
	for i := range topology.Databases {
		if topology.DatabaseName(i) != name {
			continue
		}
		way := r[plan.DatabaseAddr(i)].Toxics
		if _, err := way.AddToxicJson(strings.NewReader(`{"name":"late","type":"latency","stream":"downstream","attributes":{"latency":2000}}`)); err != nil {
			t.Fatal(err)
		}
		remains(t, c, name, pid)
		if err := way.RemoveToxic(t.Context(), "late"); err != nil {
			t.Fatal(err)
		}
	}
}
