package redispool_test

import (
	"testing"

	"github.com/gomodule/redigo/redis"
	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/redispool"
	"github.com/loveapp/backend/shared/redispool/redistest"
)

func TestABatchIsAnsweredInTheOrderOfItsCommands(t *testing.T) {
	t.Parallel()
	pool := redistest.New(t)
	replies, err := pool.DoAll(t.Context(), []redispool.Command{
		{Name: "SET", Args: []any{"a", "1"}}, {Name: "INCR", Args: []any{"a"}}, {Name: "GET", Args: []any{"a"}}, {Name: "GET", Args: []any{"absent"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if n, _ := redis.Int(replies[1], nil); n != 2 {
		t.Errorf("INCR answered %v", replies[1])
	}
	if text, _ := redis.String(replies[2], nil); text != "2" || replies[3] != nil {
		t.Errorf("GET answered %v and %v, want 2 and nil", replies[2], replies[3])
	}
}

func TestARefusedCommandFailsTheBatchAndLeavesTheConnectionUsable(t *testing.T) {
	t.Parallel()
	pool := redistest.New(t)
	_, err := pool.DoAll(t.Context(), []redispool.Command{
		{Name: "SET", Args: []any{"text", "x"}}, {Name: "INCR", Args: []any{"text"}}, {Name: "SET", Args: []any{"after", "y"}},
	})
	if err == nil {
		t.Fatal("a command on the wrong kind of value did not fail the batch")
	}
	for range 3 {
		if text, err := redis.String(pool.Do(t.Context(), "GET", "after")); err != nil || text != "y" {
			t.Fatalf("after the refusal GET gives %q, %v", text, err)
		}
	}
}

func TestABatchReachesEveryNode(t *testing.T) {
	t.Parallel()
	oneNodeAndCluster(t, func(t *testing.T, pool *redispool.Pool) {
		var sets, gets []redispool.Command
		for _, key := range manyKeys() {
			sets = append(sets, redispool.Command{Name: "SET", Args: []any{key, "of " + key}})
			gets = append(gets, redispool.Command{Name: "GET", Args: []any{key}})
		}
		if _, err := pool.DoAll(t.Context(), sets); err != nil {
			t.Fatal(err)
		}
		replies, err := pool.DoAll(t.Context(), gets)
		if err != nil {
			t.Fatal(err)
		}
		for i, key := range manyKeys() {
			if text, _ := redis.String(replies[i], nil); text != "of "+key {
				t.Errorf("GET %s answered %q", key, text)
			}
		}
	})
}

func TestABatchForAServerThatIsAwayIsUnavailable(t *testing.T) {
	t.Parallel()
	pool := open(t, redispool.Config{Addrs: []config.HostPort{{Host: "127.0.0.1", Port: 1}}})
	_, err := pool.DoAll(t.Context(), []redispool.Command{{Name: "PING"}})
	wantUnavailable(t, err)
}
