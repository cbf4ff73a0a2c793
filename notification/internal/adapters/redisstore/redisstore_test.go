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

func TestTheRegistryStandsInRedisAsOperatorsKnowIt(t *testing.T) {
	t.Parallel()
	pool := redistest.New(t)
	r := redisstore.NewRegistry(pool)
	c := domain.Connection{Socket: "socket", User: "user", Session: "session", Instance: "instance", Epoch: "epoch", ConnectedAt: time.Now()}
	if _, err := r.Add(t.Context(), []domain.Connection{c}); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"ws_connections", "user_connections:user"} {
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
	if err != nil || len(listed) != 2 || listed[0].Key != "ws_connections" || listed[1].Key != "user_connections:user" {
		t.Errorf("listed %v, %v", listed, err)
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
