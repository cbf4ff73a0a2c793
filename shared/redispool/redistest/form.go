package redistest

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/redispool"
)

const (
	masters      = 3
	slots        = 16384
	clusterLimit = 30 * time.Second
	password     = config.Secret("of the tests' clusters")
)

// formCluster gives what it has started also with an error.
func formCluster(ctx context.Context) (*Cluster, error) {
	c := &Cluster{Config: redispool.Config{Password: password}}
	ctx, cancel := context.WithTimeout(ctx, clusterLimit)
	defer cancel()
	for range 2 * masters {
		n, err := startNode(ctx)
		if err != nil {
			return c, err
		}
		c.nodes = append(c.nodes, n)
		c.Config.Addrs = append(c.Config.Addrs, n.config.Addrs...)
	}
	for _, step := range []func(context.Context) error{c.deal, c.introduce, c.pair, c.awaitWhole} {
		if err := step(ctx); err != nil {
			return c, err
		}
	}
	return c, nil
}

// deal gives each master its share of the slots. Different epochs from the start
// spare the nodes a quarrel about them, which can delay the first failover.
func (c *Cluster) deal(ctx context.Context) error {
	const share = slots / masters
	for i, n := range c.nodes {
		if err := n.until(ctx, "OK", "CLUSTER", "SET-CONFIG-EPOCH", i+1); err != nil {
			return err
		}
		if i >= masters {
			continue
		}
		last := (i+1)*share - 1
		if i == masters-1 {
			last = slots - 1
		}
		if err := n.until(ctx, "OK", "CLUSTER", "ADDSLOTSRANGE", i*share, last); err != nil {
			return err
		}
	}
	return nil
}

// introduce makes everybody known to everybody.
func (c *Cluster) introduce(ctx context.Context) error {
	for _, n := range c.nodes[1:] {
		addr := n.config.Addrs[0]
		if err := c.nodes[0].until(ctx, "OK", "CLUSTER", "MEET", addr.Host, addr.Port, n.bus.Port); err != nil {
			return err
		}
	}
	for _, n := range c.nodes {
		if err := n.until(ctx, fmt.Sprintf("cluster_known_nodes:%d\r", len(c.nodes)), "CLUSTER", "INFO"); err != nil {
			return err
		}
	}
	return nil
}

// pair gives each master its replica.
func (c *Cluster) pair(ctx context.Context) error {
	for i, replica := range c.nodes[masters:] {
		id, err := c.nodes[i].ask(ctx, "CLUSTER", "MYID")
		if err != nil {
			return err
		}
		if err := replica.until(ctx, "OK", "CLUSTER", "REPLICATE", id); err != nil {
			return err
		}
	}
	return nil
}

// awaitWhole: a cluster that says ok may still have replicas without a copy.
func (c *Cluster) awaitWhole(ctx context.Context) error {
	for i, n := range c.nodes {
		for _, want := range []string{"cluster_slots_ok:" + strconv.Itoa(slots), "cluster_state:ok"} {
			if err := n.until(ctx, want, "CLUSTER", "INFO"); err != nil {
				return err
			}
		}
		if i < masters {
			continue
		}
		if err := n.until(ctx, "master_link_status:up", "INFO", "replication"); err != nil {
			return err
		}
	}
	return nil
}
