package pgcluster

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

const (
	failoverLimit = 30 * time.Second
	// choiceLimit is what a replica gets that lives and does not say what it has.
	choiceLimit = 3 * time.Second
	// reviveLimit leaves time to promote somebody after all.
	reviveLimit = 15 * time.Second
	rejoinPause = time.Second
)

// failover promotes the replica that has received most, and points the other one
// to it. The primary is fenced only once there is somebody to take its place.
func (c *Cluster) failover(ctx context.Context) error {
	start := time.Now()
	old := c.leader()
	seen := c.choose(ctx, old)
	if seen.best == nil && old.unit.PID() != 0 {
		return errNobody
	}
	old.fence()
	if !seen.complete && c.revive(ctx, old) == nil {
		c.logger.Warn("primary started again: a replica that may hold more than the others cannot be asked", "name", old.unit.Name())
		return nil
	}
	next, err := c.promoteBest(ctx, old)
	if err != nil {
		return errors.Join(err, old.startAndWait(ctx))
	}
	c.mu.Lock()
	c.primary = next.index
	c.mu.Unlock()
	c.logger.Warn("promoted", "name", next.unit.Name(), "took", time.Since(start))
	c.listed = c.others(next) // until the one that stays is seen to follow, next alone may hold what was confirmed
	err = c.lead(ctx, next)
	c.repoint(ctx, old, next)
	return err
}

// revive starts a primary again whose disk is here: it has all that it confirmed.
func (c *Cluster) revive(ctx context.Context, old *node) error {
	ctx, cancel := context.WithTimeout(ctx, reviveLimit)
	defer cancel()
	err := old.startAndWait(ctx)
	if err != nil {
		c.logger.Error("primary cannot be started again", "name", old.unit.Name(), "error", err)
		old.fence()
	}
	return err
}

// promoteBest compares anew: what the primary sent until it was fenced counts. A
// node that does not say whether it was promoted may be so later, so it is fenced too.
func (c *Cluster) promoteBest(ctx context.Context, old *node) (*node, error) {
	next := c.choose(ctx, old).best
	if next == nil {
		return nil, errNobody
	}
	// Before it leads: else what it commits first would be confirmed by nobody.
	if err := c.synchronous(ctx, next, c.others(old, next)); err != nil {
		c.logger.Warn("standbys cannot be listed", "name", next.unit.Name(), "error", err)
	}
	if err := next.promote(ctx); err != nil {
		next.fence()
		c.running.Go(func() { c.rejoin(next.index) })
		return nil, err
	}
	return next, nil
}

var errNobody = errors.New("no replica can be promoted")

// choice is who could take the primary's place.
type choice struct {
	best     *node // nil: nobody can be asked
	complete bool  // everybody was asked who may hold what a barrier confirmed
}

// choose compares what is flushed to disk: a barrier that was acknowledged is in
// one of the standbys. So all are asked whose process lives, and waited for.
func (c *Cluster) choose(ctx context.Context, old *node) choice {
	ctx, cancel := context.WithTimeout(ctx, choiceLimit)
	defer cancel()
	received := make([]int64, len(c.nodes))
	var asking sync.WaitGroup
	for i, n := range c.nodes {
		received[i] = -1
		if n != old && n.unit.PID() != 0 {
			asking.Go(func() { received[i] = c.received(ctx, n) })
		}
	}
	asking.Wait()
	made := choice{complete: true}
	for i, n := range c.nodes {
		if received[i] < 0 {
			made.complete = made.complete && !slices.Contains(c.listed, n.slot())
		} else if received[i] == slices.Max(received) {
			made.best = n
		}
	}
	made.complete = made.complete && made.best != nil
	return made
}

// received is -1 for a node that cannot be asked.
func (c *Cluster) received(ctx context.Context, n *node) int64 {
	// 0/0 as the base makes a position a number of bytes.
	const flushed = `SELECT pg_wal_lsn_diff(COALESCE(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()), '0/0')::bigint`
	var position int64
	if err := n.ask(ctx, &position, flushed); err != nil {
		c.logger.Warn("replica cannot be asked", "name", n.unit.Name(), "error", err)
		return -1
	}
	return position
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

// tryJoin leaves a replica alone that lives and already follows the primary of
// now: another failover may have come in between.
func (c *Cluster) tryJoin(n *node) error {
	ctx, cancel := context.WithTimeout(context.Background(), failoverLimit)
	defer cancel()
	leader := c.leader()
	if n == leader || n.followed(leader) && n.unit.PID() != 0 {
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
