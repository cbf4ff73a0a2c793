package redistest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/loveapp/backend/shared/redispool"
)

// Cluster is three masters with a replica each: node i+3 follows node i at the start.
type Cluster struct {
	Config redispool.Config
	nodes  []*node
	broken bool // a test has broken it
}

// clusters are those that no test uses at the moment: to form one takes some
// seconds. NewCluster has no other way to find them than a variable of the
// package; Main and Start stop them.
var clusters = &shelf{}

type shelf struct {
	mu   sync.Mutex
	free []*Cluster
}

func (s *shelf) take() *Cluster {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.free) == 0 {
		return nil
	}
	last := len(s.free) - 1
	c := s.free[last]
	s.free = s.free[:last]
	return c
}

func (s *shelf) put(c *Cluster) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.free = append(s.free, c)
}

func (s *shelf) clear() error {
	var errs []error
	for c := s.take(); c != nil; c = s.take() {
		errs = append(errs, c.stop())
	}
	return errors.Join(errs...)
}

// NewCluster gives an empty cluster to one test.
func NewCluster(tb testing.TB) *Cluster {
	tb.Helper()
	c := clusters.take()
	if c == nil {
		var err error
		if c, err = formCluster(tb.Context()); err != nil {
			tb.Fatalf("form a Redis cluster: %v", errors.Join(err, c.stop()))
		}
	}
	tb.Cleanup(func() {
		if err := c.giveBack(); err != nil {
			tb.Errorf("give a Redis cluster back: %v", err)
		}
	})
	return c
}

// OnCluster is New on a cluster.
func OnCluster(tb testing.TB) *redispool.Pool {
	tb.Helper()
	pool, err := redispool.Open(NewCluster(tb).Config)
	if err != nil {
		tb.Fatalf("open the test's Redis cluster: %v", err)
	}
	tb.Cleanup(func() { _ = pool.Close() }) // runs before the cluster is given back
	return pool
}

// OnEachKind runs a test on one node and on a cluster; open gives an empty one each time.
func OnEachKind(t *testing.T, test func(t *testing.T, open func(testing.TB) *redispool.Pool)) {
	t.Helper()
	for kind, open := range map[string]func(testing.TB) *redispool.Pool{"one node": New, "cluster": OnCluster} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			test(t, open)
		})
	}
}

// giveBack empties what is whole for the next test.
func (c *Cluster) giveBack() error {
	if c.broken {
		return c.stop()
	}
	ctx, cancel := context.WithTimeout(context.Background(), clusterLimit) // the test's has ended
	defer cancel()
	for _, n := range c.nodes[:masters] {
		for _, cmd := range [][]any{{"FLUSHALL"}, {"SCRIPT", "FLUSH"}} {
			if _, err := n.ask(ctx, cmd[0].(string), cmd[1:]...); err != nil { //nolint:forcetypeassert // above
				return errors.Join(err, c.stop())
			}
		}
	}
	clusters.put(c)
	return nil
}

func (c *Cluster) stop() error {
	var errs []error
	for _, n := range slices.Backward(c.nodes) {
		errs = append(errs, n.stop())
	}
	return errors.Join(errs...)
}
