package redispool_test

import (
	"testing"

	"github.com/gomodule/redigo/redis"
	"github.com/loveapp/backend/shared/redispool/redistest"
)

func TestMain(m *testing.M) { redistest.Main(m) }

func TestDoKeepsWhatWasSet(t *testing.T) {
	t.Parallel()
	pool := redistest.New(t)
	if _, err := pool.Do(t.Context(), "SET", "greeting", "hello"); err != nil {
		t.Fatal(err)
	}
	if got, err := redis.String(pool.Do(t.Context(), "GET", "greeting")); err != nil || got != "hello" {
		t.Fatalf("got %q, %v", got, err)
	}
}
