package redistest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/process"
	"github.com/loveapp/backend/shared/redispool"
)

const (
	slots        = 16384
	clusterLimit = 30 * time.Second
)

// Cluster is a cluster of three masters without replicas.
type Cluster struct {
	Config redispool.Config
	nodes  []*process.Child
}

// NewCluster starts one, ready for commands; it is stopped when the test ends.
func NewCluster(tb testing.TB) *Cluster {
	tb.Helper()
	c := &Cluster{}
	const masters = 3
	var buses []config.HostPort
	for range masters {
		addr, bus := freePort(tb), freePort(tb)
		c.nodes = append(c.nodes, startNode(tb, addr, bus))
		c.Config.Addrs, buses = append(c.Config.Addrs, addr), append(buses, bus)
	}
	ctx, cancel := context.WithTimeout(tb.Context(), clusterLimit)
	defer cancel()
	if err := join(ctx, c.Config.Addrs, buses); err != nil {
		tb.Fatalf("form a Redis cluster: %v", err)
	}
	return c
}

// Kill ends the i-th node at once.
func (c *Cluster) Kill(tb testing.TB, i int) {
	tb.Helper()
	if err := c.nodes[i].Stop(tb.Context(), clusterLimit, syscall.SIGKILL); err != nil {
		tb.Fatalf("kill a node: %v", err)
	}
}

func startNode(tb testing.TB, addr, bus config.HostPort) *process.Child {
	tb.Helper()
	dir := tb.TempDir()
	log, err := os.Create(filepath.Join(dir, "redis.log"))
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = log.Close() }() // the child has its own descriptor
	cmd := exec.Command("redis-server", "--bind", addr.Host, "--port", strconv.Itoa(addr.Port), "--dir", dir, "--save", "",
		"--cluster-enabled", "yes", "--cluster-port", strconv.Itoa(bus.Port), "--cluster-node-timeout", "1000", "--cluster-require-full-coverage", "no")
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = process.OwnGroup(syscall.SIGKILL)
	node, err := process.Start(cmd)
	if err != nil {
		tb.Fatalf("start redis-server: %v: %v", err, errNoRedis)
	}
	tb.Cleanup(func() { _ = node.Stop(context.Background(), clusterLimit, syscall.SIGKILL) }) // killed before is as good
	return node
}

func freePort(tb testing.TB) config.HostPort {
	tb.Helper()
	listener, err := httpserver.Listen(tb.Context(), "127.0.0.1", 0)
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	addr, err := config.ParseHosts(listener.Addr().String(), 0)
	if err != nil {
		tb.Fatal(err)
	}
	return addr[0]
}

// join gives each node its share of the slots, introduces all to the first, and
// waits until each knows every slot's place.
func join(ctx context.Context, nodes, buses []config.HostPort) error {
	share := slots / len(nodes)
	for i, node := range nodes {
		last := (i+1)*share - 1
		if i == len(nodes)-1 {
			last = slots - 1
		}
		if err := until(ctx, node, "OK", "CLUSTER", "ADDSLOTSRANGE", i*share, last); err != nil {
			return err
		}
	}
	for i, node := range nodes[1:] {
		if err := until(ctx, nodes[0], "OK", "CLUSTER", "MEET", node.Host, node.Port, buses[i+1].Port); err != nil {
			return err
		}
	}
	for _, node := range nodes {
		for _, want := range []string{"cluster_slots_ok:" + strconv.Itoa(slots), "cluster_state:ok"} {
			if err := until(ctx, node, want, "CLUSTER", "INFO"); err != nil {
				return err
			}
		}
	}
	return nil
}

// until repeats the command until its answer contains want.
func until(ctx context.Context, node config.HostPort, want, cmd string, args ...any) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		answer, err := redispool.OnNode(ctx, redispool.Config{Addrs: []config.HostPort{node}}, cmd, args...)
		if err == nil && strings.Contains(answer, want) {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("%s %v on %s: %q, %w", cmd, args, node.Addr(), answer, errors.Join(err, ctx.Err()))
		}
	}
}
