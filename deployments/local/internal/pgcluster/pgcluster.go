// Package pgcluster runs a PostgreSQL primary with streaming replicas and puts
// a replica in its place when it dies.
package pgcluster

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/loveapp/backend/deployments/local/internal/topology"
	"github.com/loveapp/backend/deployments/local/internal/unit"
	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/embedded"
	"github.com/loveapp/backend/shared/pgdata"
	"github.com/loveapp/backend/shared/postgres"
	"github.com/loveapp/backend/shared/process"
	"golang.org/x/sync/errgroup"
)

// Cluster is the database of a stack.
type Cluster struct {
	plan     *topology.Plan
	logger   *slog.Logger
	programs pgdata.Programs
	nodes    []*node

	mu      sync.Mutex // guards primary
	primary int
	gone    chan int      // nodes whose process ended by itself
	quit    chan struct{} // closed by Stop
	running sync.WaitGroup
	listed  standbys                              // that may hold what a barrier confirmed; the watch's alone once it runs
	reach   func(config.HostPort) config.HostPort // the way of the lines to a server; nil is the direct one
}

// New finds PostgreSQL and plans the nodes.
func New(plan *topology.Plan, logger *slog.Logger) (*Cluster, error) {
	return newCluster(plan, logger, nil)
}

func newCluster(plan *topology.Plan, logger *slog.Logger, reach func(config.HostPort) config.HostPort) (*Cluster, error) {
	bin, err := embedded.FindPostgres()
	if err != nil {
		return nil, err
	}
	c := &Cluster{
		plan: plan, logger: logger, programs: pgdata.Programs{Bin: bin},
		gone: make(chan int, topology.Databases), quit: make(chan struct{}), reach: reach,
	}
	if c.programs.Who, err = process.ForPostgres(bin, plan.Work(topology.DatabaseName(0))); err != nil {
		return nil, err
	}
	for i := range topology.Databases {
		n, err := c.newNode(i)
		if err != nil {
			return nil, err
		}
		c.nodes = append(c.nodes, n)
	}
	return c, nil
}

// Start runs the node that was the primary last, then its replicas, made anew
// where there is none yet.
func (c *Cluster) Start(ctx context.Context) error {
	c.keepLines()
	c.primary = c.lastPrimary()
	primary := c.nodes[c.primary]
	if err := primary.create(); err != nil {
		return err
	}
	if err := primary.startAndWait(ctx); err != nil {
		return err
	}
	if err := errors.Join(c.lead(ctx, primary), c.synchronous(ctx, primary, nil)); err != nil { // nobody follows yet
		return err
	}
	if err := postgres.CreateDatabase(ctx, c.adminConfig(primary.addr, topology.DatabaseSchema)); err != nil {
		return err
	}
	if err := c.follow(ctx); err != nil {
		return err
	}
	if err := c.synchronous(ctx, primary, c.others(primary)); err != nil {
		return err
	}
	c.running.Go(c.watch)
	return nil
}

// keepLines opens the line to each node, and keeps it until Stop.
func (c *Cluster) keepLines() {
	ctx, cancel := context.WithCancel(context.Background())
	for _, n := range c.nodes {
		c.running.Go(func() { n.line.keep(ctx) })
	}
	c.running.Go(func() {
		<-c.quit
		cancel()
	})
}

func (c *Cluster) follow(ctx context.Context) error {
	var replicas errgroup.Group
	for _, n := range c.nodes {
		if n.index == c.primary {
			continue
		}
		replicas.Go(func() error { return c.join(ctx, n) })
	}
	return replicas.Wait()
}

// join makes n a replica of the primary: with its own data where it followed
// this primary before, else with a copy.
func (c *Cluster) join(ctx context.Context, n *node) error {
	if leader := c.leader(); !n.followed(leader) {
		if err := n.copyFrom(leader); err != nil {
			return err
		}
	}
	return n.startAndWait(ctx)
}

// lead prepares a node for replicas: a slot for each of the others, so that
// none misses what was written while it was away.
func (c *Cluster) lead(ctx context.Context, n *node) error {
	for _, other := range c.nodes {
		if other.index == n.index {
			continue
		}
		if err := n.exec(ctx, `SELECT pg_create_physical_replication_slot($1) WHERE NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = $1)`, other.slot()); err != nil {
			return fmt.Errorf("make a replication slot on %s: %w", n.unit.Name(), err)
		}
	}
	return os.WriteFile(filepath.Join(c.plan.Dir, "primary"), []byte(n.unit.Name()), 0o600)
}

func (c *Cluster) leader() *node {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.nodes[c.primary]
}

func (c *Cluster) lastPrimary() int {
	text, err := os.ReadFile(filepath.Join(c.plan.Dir, "primary"))
	if err != nil {
		return 0
	}
	for _, n := range c.nodes {
		if n.unit.Name() == string(text) {
			return n.index
		}
	}
	return 0
}

func (c *Cluster) login() pgdata.Login {
	return pgdata.Login{Username: topology.DatabaseUser, Password: c.plan.Secrets.Database}
}

func (c *Cluster) adminConfig(server config.HostPort, database string) postgres.Config {
	return postgres.Config{
		Hosts: []config.HostPort{server}, Username: topology.DatabaseUser, Password: c.plan.Secrets.Database,
		Name: database, SSLMode: "disable", ApplicationName: "stack", ConnectTimeout: time.Second,
	}
}

// Stop ends the replicas, then the primary, so that they have all of it.
func (c *Cluster) Stop(ctx context.Context) error {
	close(c.quit)
	c.running.Wait()
	var stops errgroup.Group
	for _, n := range c.nodes {
		if n.index != c.primary {
			stops.Go(func() error { return n.stop(ctx) })
		}
	}
	return errors.Join(stops.Wait(), c.nodes[c.primary].stop(ctx))
}

// Units are its processes.
func (c *Cluster) Units() []*unit.Unit {
	units := make([]*unit.Unit, 0, len(c.nodes))
	for _, n := range c.nodes {
		units = append(units, n.unit)
	}
	return units
}

// Node is what the status shows of one.
type Node struct {
	Name, Role string
	PID        int
	Healthy    error
}

// Nodes are all of them.
func (c *Cluster) Nodes(ctx context.Context) []Node {
	primary := c.leader().index
	out := make([]Node, 0, len(c.nodes))
	for _, n := range c.nodes {
		role := "replica"
		if n.index == primary {
			role = "primary"
		}
		out = append(out, Node{Name: n.unit.Name(), Role: role, PID: n.unit.PID(), Healthy: n.unit.Healthy(ctx)})
	}
	return out
}
