package redispool_test

import (
	"testing"

	"github.com/gomodule/redigo/redis"
	"github.com/loveapp/backend/shared/redispool"
	"github.com/loveapp/backend/shared/redispool/redistest"
)

const addScript = `return redis.call('INCRBY', KEYS[1], ARGV[1])`

func TestAScriptRunsForEveryCallOfABatchInItsOrder(t *testing.T) {
	t.Parallel()
	oneNodeAndCluster(t, func(t *testing.T, pool *redispool.Pool) {
		script := pool.Script(addScript, 1)
		for round := range 2 { // the first time the server does not know it
			replies, err := script.DoAll(t.Context(), [][]any{{"a", 1}, {"b", 10}, {"c", 100}})
			if err != nil {
				t.Fatal(err)
			}
			for i, base := range []int{1, 10, 100} {
				if n, err := redis.Int(replies[i], nil); n != base*(round+1) || err != nil {
					t.Errorf("round %d, call %d: %d, %v", round, i, n, err)
				}
			}
		}
	})
}

func TestAScriptThatFailsForOneCallFailsTheBatch(t *testing.T) {
	t.Parallel()
	pool := redistest.New(t)
	if _, err := pool.Do(t.Context(), "SET", "text", "x"); err != nil {
		t.Fatal(err)
	}
	if _, err := pool.Script(addScript, 1).DoAll(t.Context(), [][]any{{"a", 1}, {"text", 1}}); err == nil {
		t.Error("no error")
	}
	if replies, err := pool.Script(addScript, 1).DoAll(t.Context(), nil); replies != nil || err != nil {
		t.Errorf("no calls: %v, %v", replies, err)
	}
}
