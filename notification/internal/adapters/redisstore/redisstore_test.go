package redisstore_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/gomodule/redigo/redis"

	"github.com/loveapp/backend/notification/internal/adapters/redisstore"
	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
	"github.com/loveapp/backend/notification/internal/ports/portstest"
	"github.com/loveapp/backend/shared/redispool"
	"github.com/loveapp/backend/shared/redispool/redistest"
)

func TestMain(m *testing.M) { redistest.Main(m) }

func TestRegistry(t *testing.T) {
	t.Parallel()
	redistest.OnEachKind(t, func(t *testing.T, open func(testing.TB) *redispool.Pool) {
		portstest.Registry(t, func(t *testing.T) ports.Registry { return redisstore.NewRegistry(open(t)) })
	})
}

func TestBus(t *testing.T) {
	t.Parallel()
	redistest.OnEachKind(t, func(t *testing.T, open func(testing.TB) *redispool.Pool) {
		portstest.Bus(t, func(t *testing.T) ports.Bus { return redisstore.NewBus(open(t)) })
	})
}

func TestTickets(t *testing.T) {
	t.Parallel()
	redistest.OnEachKind(t, func(t *testing.T, open func(testing.TB) *redispool.Pool) {
		portstest.Tickets(t, func(t *testing.T) ports.Tickets { return redisstore.NewTickets(open(t)) })
	})
}

// On a cluster the hash of all, the users' hashes and the leases are on different nodes.
func TestGhostsOfManyUsersAreReapedFromEveryNode(t *testing.T) {
	t.Parallel()
	redistest.OnEachKind(t, func(t *testing.T, open func(testing.TB) *redispool.Pool) {
		lease := domain.Lease{Instance: "i", Epoch: "e"}
		r := redisstore.NewRegistry(open(t))
		if err := r.Begin(t.Context(), lease, time.Minute); err != nil {
			t.Fatal(err)
		}
		var connections []domain.Connection
		for name := range strings.SplitSeq("abcdefghijkl", "") {
			connections = append(connections, domain.Connection{Socket: domain.SocketID(name), User: domain.UserID(name), Instance: "i", Epoch: "e"})
		}
		if _, err := r.Add(t.Context(), connections); err != nil {
			t.Fatal(err)
		}
		if err := r.End(t.Context(), lease); err != nil {
			t.Fatal(err)
		}
		if reaped, err := r.Reap(t.Context()); err != nil || reaped != len(connections) {
			t.Errorf("reaped %d, %v", reaped, err)
		}
	})
}

// On a cluster a hash of all would put every write on one node.
func TestTheRegistryStandsInRedisAsOperatorsKnowIt(t *testing.T) {
	t.Parallel()
	for kind, c := range map[string]struct {
		open func(testing.TB) *redispool.Pool
		all  string
	}{
		"one node": {redistest.New, "ws_connections"},
		"cluster":  {redistest.OnCluster, "ws_connections:instance"},
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			pool := c.open(t)
			r := redisstore.NewRegistry(pool)
			lease := domain.Lease{Instance: "instance", Epoch: "epoch"}
			one := domain.Connection{Socket: "socket", User: "user", Session: "session", Instance: lease.Instance, Epoch: lease.Epoch, ConnectedAt: time.Now()}
			if err := r.Begin(t.Context(), lease, time.Minute); err != nil {
				t.Fatal(err)
			}
			if _, err := r.Add(t.Context(), []domain.Connection{one}); err != nil {
				t.Fatal(err)
			}
			for _, key := range []string{c.all, "user_connections:user"} {
				value, err := redis.Bytes(pool.Do(t.Context(), "HGET", key, "socket"))
				if err != nil {
					t.Fatalf("%s: %v", key, err)
				}
				var got map[string]string
				if err := json.Unmarshal(value, &got); err != nil || got["userId"] != "user" || got["instance"] != "instance" || got["socketId"] != "socket" {
					t.Errorf("%s holds %s, %v", key, value, err)
				}
			}
			listed, err := r.List(t.Context())
			if err != nil || len(listed) != 2 || listed[0].Key != c.all || listed[1].Key != "user_connections:user" {
				t.Errorf("listed %v, %v", listed, err)
			}
			if err := r.Remove(t.Context(), []domain.Connection{one}); err != nil {
				t.Fatal(err)
			}
			if left, err := r.List(t.Context()); err != nil || len(left) != 0 {
				t.Errorf("left %v, %v", left, err)
			}
		})
	}
}

// During a roll-out, instances that know the hash of all only write beside those that do not.
func TestOnAClusterWhatAnEarlierVersionEnteredIsListedAndReaped(t *testing.T) {
	t.Parallel()
	pool := redistest.OnCluster(t)
	r := redisstore.NewRegistry(pool)
	dead := domain.Lease{Instance: "instance", Epoch: "epoch"}
	if err := r.Begin(t.Context(), dead, time.Minute); err != nil {
		t.Fatal(err)
	}
	const value = `{"socketId":"socket","userId":"user","instance":"instance","epoch":"epoch"}`
	for _, key := range []string{"ws_connections", "user_connections:user"} {
		if _, err := pool.Do(t.Context(), "HSET", key, "socket", value); err != nil {
			t.Fatal(err)
		}
	}
	if listed, err := r.List(t.Context()); err != nil || len(listed) != 2 || listed[0].Key != "ws_connections" {
		t.Errorf("listed %v, %v", listed, err)
	}
	if err := r.End(t.Context(), dead); err != nil {
		t.Fatal(err)
	}
	if reaped, err := r.Reap(t.Context()); err != nil || reaped != 1 {
		t.Errorf("reaped %d, %v", reaped, err)
	}
	if left, err := r.List(t.Context()); err != nil || len(left) != 0 {
		t.Errorf("left %v, %v", left, err)
	}
}

func TestATicketCannotBeReadFromRedis(t *testing.T) {
	t.Parallel()
	pool := redistest.New(t)
	if err := redisstore.NewTickets(pool).Issue(t.Context(), "the-ticket", domain.Principal{}, time.Minute); err != nil {
		t.Fatal(err)
	}
	keys, err := redis.Strings(pool.Do(t.Context(), "KEYS", "*"))
	if err != nil || len(keys) != 1 || strings.Contains(keys[0], "the-ticket") {
		t.Errorf("keys %v, %v", keys, err)
	}
}

func TestASignalOfAnotherVersionIsNotUnderstood(t *testing.T) {
	t.Parallel()
	pool := redistest.New(t)
	heard := make(chan domain.Signal, 10)
	ready := make(chan struct{}, 1)
	go func() {
		_ = redisstore.NewBus(pool).Subscribe(t.Context(), "self", func(s domain.Signal) { heard <- s }, func() { ready <- struct{}{} })
	}()
	<-ready
	for _, payload := range []string{`{"v":2,"evicted":["x"]}`, `no JSON`, `{"v":1,"evicted":["understood"]}`} {
		if err := pool.Publish(t.Context(), "notification:instance:self", []byte(payload)); err != nil {
			t.Fatal(err)
		}
	}
	if s := <-heard; s.Evicted[0] != "understood" {
		t.Errorf("heard %v", s)
	}
}
