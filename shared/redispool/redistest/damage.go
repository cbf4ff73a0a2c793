package redistest

import (
	"context"
	"syscall"
	"testing"
)

// Kill ends the i-th node at once.
func (c *Cluster) Kill(tb testing.TB, i int) {
	tb.Helper()
	c.broken = true
	if err := c.nodes[i].child.Stop(tb.Context(), clusterLimit, syscall.SIGKILL); err != nil {
		tb.Fatalf("kill a node: %v", err)
	}
}

// Freeze stops the i-th node as a machine that hangs: its connections stay, and nothing answers.
func (c *Cluster) Freeze(tb testing.TB, i int) {
	tb.Helper()
	c.broken = true
	if err := syscall.Kill(c.nodes[i].child.PID(), syscall.SIGSTOP); err != nil {
		tb.Fatalf("freeze a node: %v", err)
	}
}

// AwaitCopies waits until every replica has the keys of its master: what it does
// not have yet is lost with the master.
func (c *Cluster) AwaitCopies(tb testing.TB) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), clusterLimit)
	defer cancel()
	for i, replica := range c.nodes[masters:] {
		keys, err := c.nodes[i].ask(ctx, "INFO", "keyspace")
		if err == nil {
			err = replica.until(ctx, keys, "INFO", "keyspace")
		}
		if err != nil {
			tb.Fatalf("wait for copies: %v", err)
		}
	}
}

// SwapMaster lets the i-th node and its replica change places, as before an upgrade: nothing is lost, and every slot moves.
func (c *Cluster) SwapMaster(tb testing.TB, i int) {
	tb.Helper()
	c.broken = true
	ctx, cancel := context.WithTimeout(tb.Context(), clusterLimit)
	defer cancel()
	replica := c.nodes[i+masters]
	_, err := replica.ask(ctx, "CLUSTER", "FAILOVER")
	if err == nil {
		err = replica.until(ctx, "role:master", "INFO", "replication")
	}
	if err == nil {
		err = c.nodes[i].until(ctx, "role:slave", "INFO", "replication")
	}
	if err != nil {
		tb.Fatalf("swap a master and its replica: %v", err)
	}
}
