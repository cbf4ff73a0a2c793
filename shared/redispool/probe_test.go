package redispool_test

import (
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/loveapp/backend/shared/redispool"
	"github.com/loveapp/backend/shared/redispool/redistest"
)

// The second server answers the subscription's pings, and nobody publishes there.
func TestASubscriptionThatHearsNothingIsMadeAnewElsewhere(t *testing.T) {
	t.Parallel()
	c, other := redistest.Config(t), redistest.Config(t)
	first := open(t, c)
	do(t, first, "CONFIG", "SET", "requirepass", other.Password.Value())
	c.Password, c.Addrs = other.Password, append(c.Addrs, other.Addrs...)
	pool := open(t, c)
	e := subscribe(t, pool, "births")
	receive(t, "it subscribes", e.ready)
	do(t, pool, "CLIENT", "KILL", "TYPE", "pubsub")
	receive(t, "it subscribes at the other one", e.ready)
	receive(t, "it finds out and comes back", e.ready)
	publish(t, pool, "births", "ada")
	receive(t, "the birth", e.heard)
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(redispool.Collector(pool))
	if n, err := testutil.GatherAndCount(registry, "redis_subscription_probe_failures_total"); err != nil || n != 1 {
		t.Errorf("%d counters of failed probes, %v", n, err)
	}
}
