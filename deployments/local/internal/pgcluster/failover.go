package pgcluster

import (
	"context"
	"errors"
	"time"
)

const (
	failoverLimit = 30 * time.Second
	rejoinPause   = time.Second
)

// watch replaces a primary that ended or does not answer, and brings back nodes that ended.
func (c *Cluster) watch() {
	tick := time.NewTicker(probeEvery)
	defer tick.Stop()
	answered := time.Now()
	for {
		select {
		case <-c.quit:
			return
		case i := <-c.fenced:
			c.ended(i)
			answered = time.Now()
		case <-tick.C:
			if answers(c.leader()) {
				answered = time.Now()
			} else if time.Since(answered) > giveUp && c.onlyPrimaryIsMute() {
				c.logger.Warn("primary does not answer", "name", c.leader().unit.Name())
				c.ended(c.leader().index)
				answered = time.Now()
			}
		}
	}
}

func answers(n *node) bool {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	return n.ping(ctx) == nil
}

// onlyPrimaryIsMute: where nobody answers, the machine is slow and not the
// primary, and to kill it would leave no primary at all. It is asked last: all
// of them may have woken up together.
func (c *Cluster) onlyPrimaryIsMute() bool {
	for _, n := range c.nodes {
		if n.index != c.leader().index && answers(n) {
			return !answers(c.leader())
		}
	}
	return false
}

func (c *Cluster) ended(i int) {
	ctx, cancel := context.WithTimeout(context.Background(), failoverLimit)
	defer cancel()
	if i == c.leader().index {
		if err := c.failover(ctx); err != nil {
			c.logger.Error("failover failed", "error", err)
		}
	}
	if i != c.leader().index {
		c.running.Go(func() { c.rejoin(i) })
	}
}

// failover fences the primary, promotes the replica that has received most, and
// points the other one to it. The old one comes back as a replica.
func (c *Cluster) failover(ctx context.Context) error {
	start := time.Now()
	old := c.leader()
	old.fence()
	next, err := c.mostAdvanced(ctx)
	if err != nil {
		// Nobody to promote: the old one holds the data, so it must come back as it was.
		return errors.Join(err, old.startAndWait(ctx))
	}
	if err := next.promote(ctx); err != nil {
		return err
	}
	c.mu.Lock()
	c.primary = next.index
	c.mu.Unlock()
	c.logger.Warn("promoted", "name", next.unit.Name(), "took", time.Since(start))
	err = errors.Join(c.lead(ctx, next), c.synchronous(ctx, next))
	c.repoint(ctx, old, next)
	return err
}

// mostAdvanced compares what is flushed to disk: a barrier that was acknowledged is in one of them.
func (c *Cluster) mostAdvanced(ctx context.Context) (*node, error) {
	old := c.leader().index
	var best *node
	var most int64
	for _, n := range c.nodes {
		if n.index == old {
			continue
		}
		var received int64
		// 0/0 as the base makes a position a number of bytes.
		if err := n.ask(ctx, &received, `SELECT pg_wal_lsn_diff(COALESCE(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()), '0/0')::bigint`); err != nil {
			c.logger.Warn("replica cannot be asked", "name", n.unit.Name(), "error", err)
			continue
		}
		if best == nil || received > most {
			best, most = n, received
		}
	}
	if best == nil {
		return nil, errors.New("no replica can be promoted")
	}
	return best, nil
}

// repoint lets the remaining replica follow the new primary. One that cannot be
// told now, because it is starting, is made to join again.
func (c *Cluster) repoint(ctx context.Context, old, next *node) {
	for _, n := range c.nodes {
		if n.index == old.index || n.index == next.index {
			continue
		}
		if err := n.pointTo(ctx, next); err != nil {
			c.logger.Warn("replica cannot be pointed to the new primary", "name", n.unit.Name(), "error", err)
			c.running.Go(func() { c.rejoin(n.index) })
		}
	}
}

// rejoin brings a node back as a replica, for as long as it takes.
func (c *Cluster) rejoin(i int) {
	n := c.nodes[i]
	n.joining.Lock()
	defer n.joining.Unlock()
	for {
		err := c.tryJoin(n)
		if err == nil {
			return
		}
		c.logger.Warn("replica cannot join", "name", n.unit.Name(), "error", err)
		select {
		case <-time.After(rejoinPause):
		case <-c.quit:
			return
		}
	}
}

// tryJoin leaves a replica alone that already follows the primary of now: another failover may have come in between.
func (c *Cluster) tryJoin(n *node) error {
	ctx, cancel := context.WithTimeout(context.Background(), failoverLimit)
	defer cancel()
	leader := c.leader()
	if n == leader || n.followed(leader) && n.unit.Healthy(ctx) == nil {
		return nil
	}
	n.fence()
	if err := c.join(ctx, n); err != nil {
		return err
	}
	c.logger.Info("replica is back", "name", n.unit.Name())
	if !n.followed(c.leader()) {
		return errors.New("the primary changed while it joined")
	}
	return nil
}
