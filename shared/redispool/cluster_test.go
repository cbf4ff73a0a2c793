package redispool_test

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gomodule/redigo/redis"
	"github.com/loveapp/backend/shared/eventually"
	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/redispool"
	"github.com/loveapp/backend/shared/redispool/redistest"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

func TestTheReplicaOfALostMasterServesItsKeys(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]func(*redistest.Cluster, testing.TB, int){
		"killed": (*redistest.Cluster).Kill,
		"frozen": (*redistest.Cluster).Freeze,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cluster := redistest.NewCluster(t)
			pool := open(t, cluster.Config)
			e := subscribe(t, pool, "births")
			receive(t, "it subscribes", e.ready)
			for _, key := range manyKeys() {
				do(t, pool, "SET", key, "value of "+key)
			}
			cluster.AwaitCopies(t)
			lose(cluster, t, 0)
			lost := time.Now()
			served, away := readAll(t, pool)
			if served == 0 || away == 0 {
				t.Fatalf("%d keys are served, %d are away", served, away)
			}
			eventually.True(t, "all keys are served", func() bool { _, away := readAll(t, pool); return away == 0 })
			t.Logf("all keys are served again after %s", time.Since(lost))
			eventually.True(t, "what is published is heard", func() bool {
				_ = pool.Publish(t.Context(), "births", []byte("ada"))
				return len(e.heard) > 0
			})
		})
	}
}

// readAll counts the keys that can be read and those that are away.
func readAll(t *testing.T, pool *redispool.Pool) (served, away int) {
	t.Helper()
	var count [2]atomic.Int32
	var reading sync.WaitGroup
	for _, key := range manyKeys() {
		reading.Go(func() {
			text, err := redis.String(pool.Do(t.Context(), "GET", key))
			if err != nil {
				if fault.From(err).Kind != fault.Unavailable {
					t.Error(err)
				}
				count[1].Add(1)
				return
			}
			if text != "value of "+key {
				t.Errorf("%s is %q", key, text)
			}
			count[0].Add(1)
		})
	}
	reading.Wait()
	return int(count[0].Load()), int(count[1].Load())
}

func TestABatchKeepsTheOrderOfWhatHappensToOneKey(t *testing.T) {
	t.Parallel()
	oneNodeAndCluster(t, func(t *testing.T, pool *redispool.Pool) {
		var commands []redispool.Command
		for _, value := range []string{"1", "2", "3"} {
			for _, key := range manyKeys() {
				commands = append(commands, redispool.Command{Name: "APPEND", Args: []any{key, value}})
			}
		}
		for _, key := range manyKeys() {
			commands = append(commands, redispool.Command{Name: "GET", Args: []any{key}})
		}
		replies, err := pool.DoAll(t.Context(), commands)
		if err != nil {
			t.Fatal(err)
		}
		for i, reply := range replies[len(replies)-len(manyKeys()):] {
			if text, _ := redis.String(reply, nil); text != "123" {
				t.Errorf("%s is %q", manyKeys()[i], text)
			}
		}
	})
}

func TestSlotsThatMoveAreFollowed(t *testing.T) {
	t.Parallel()
	cluster := redistest.NewCluster(t)
	pool := open(t, cluster.Config)
	sum := pool.Script(`return redis.call('INCRBY', KEYS[1], ARGV[1])`, 1)
	var sets, gets []redispool.Command
	var calls [][]any
	for _, key := range manyKeys() {
		sets = append(sets, redispool.Command{Name: "SET", Args: []any{key, 1}})
		gets = append(gets, redispool.Command{Name: "GET", Args: []any{key}})
		calls = append(calls, []any{key, 1})
	}
	if _, err := pool.DoAll(t.Context(), sets); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		cluster.AwaitCopies(t)
		cluster.SwapMaster(t, i) // every slot of the node is elsewhere now
		if _, err := sum.DoAll(t.Context(), calls); err != nil {
			t.Fatal(err)
		}
		for _, key := range manyKeys() {
			do(t, pool, "PERSIST", key)
		}
	}
	replies, err := pool.DoAll(t.Context(), gets)
	if err != nil {
		t.Fatal(err)
	}
	for i, reply := range replies {
		if n, _ := redis.Int(reply, nil); n != 4 {
			t.Errorf("%s is %v", manyKeys()[i], n)
		}
	}
}

func TestTheHealthPageShowsEachNodeOfACluster(t *testing.T) {
	t.Parallel()
	cluster := redistest.NewCluster(t)
	pool := open(t, cluster.Config)
	if err := pool.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	roles := map[string]int{}
	for _, found := range pool.Survey().Look(t.Context()) {
		roles[found.Role]++
		if found.Err != nil || found.Latency <= 0 {
			t.Errorf("%+v", found)
		}
	}
	if roles["master"] != 3 || roles["replica"] != 3 {
		t.Errorf("it shows %v", roles)
	}
	cluster.Kill(t, 1)
	down := 0
	for _, found := range pool.Survey().Look(t.Context()) {
		if found.Err != nil {
			down++
		}
	}
	if down != 1 {
		t.Errorf("%d nodes are down", down)
	}
}

func TestTheHealthPageOfASingleNodeNeedsNoSurvey(t *testing.T) {
	t.Parallel()
	pool := redistest.New(t)
	if err := pool.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	if found := pool.Survey().Look(t.Context()); len(found) != 0 {
		t.Errorf("it shows %+v", found)
	}
}

func TestAClusterThatHasComeBackElsewhereIsFoundByItsFirstAddress(t *testing.T) {
	t.Parallel()
	old, now := redistest.NewCluster(t), redistest.NewCluster(t)
	c := old.Config
	c.Addrs = append(c.Addrs[:1:1], now.Config.Addrs...) // as a name that leads to what there is
	pool := open(t, c)
	do(t, pool, "SET", "a", "old")
	for i := range 6 {
		old.Kill(t, i)
	}
	eventually.True(t, "the new one is used", func() bool {
		_, err := pool.Do(t.Context(), "SET", "a", "new")
		return err == nil
	})
}

func TestHitsAndMissesAreCounted(t *testing.T) {
	t.Parallel()
	oneNodeAndCluster(t, func(t *testing.T, pool *redispool.Pool) {
		do(t, pool, "SET", "known", "x")
		do(t, pool, "GET", "known")
		do(t, pool, "GET", "unknown")
		if _, err := pool.DoAll(t.Context(), []redispool.Command{
			{Name: "GET", Args: []any{"known"}}, {Name: "HGET", Args: []any{"hash", "field"}}, {Name: "INCR", Args: []any{"n"}},
		}); err != nil {
			t.Fatal(err)
		}
		do(t, pool, "HSET", "form", "field", "x")
		do(t, pool, "HMGET", "form", "field", "other")
		do(t, pool, "HMGET", "form of nobody", "field", "other")
		registry := prometheus.NewPedanticRegistry()
		registry.MustRegister(redispool.Collector(pool))
		want := `
# HELP redis_reads_total Reads of one value, or of some of its fields, by whether it was there: hits / (hits + misses) is the hit ratio.
# TYPE redis_reads_total counter
redis_reads_total{command="GET",result="hit"} 2
redis_reads_total{command="GET",result="miss"} 1
redis_reads_total{command="HGET",result="miss"} 1
redis_reads_total{command="HMGET",result="hit"} 1
redis_reads_total{command="HMGET",result="miss"} 1
`
		if err := testutil.GatherAndCompare(registry, strings.NewReader(want), "redis_reads_total"); err != nil {
			t.Error(err)
		}
		if n, err := testutil.GatherAndCount(registry, "redis_connections"); err != nil || n != 2 {
			t.Errorf("%d states of connections, %v", n, err)
		}
	})
}
