package redisstore_test

import (
	"testing"
	"time"

	"github.com/gomodule/redigo/redis"

	"github.com/loveapp/backend/auth/internal/adapters/redisstore"
	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/auth/internal/ports"
	"github.com/loveapp/backend/auth/internal/ports/portstest"
	"github.com/loveapp/backend/shared/redispool"
	"github.com/loveapp/backend/shared/redispool/redistest"
	"github.com/loveapp/backend/shared/token"
)

func TestMain(m *testing.M) { redistest.Main(m) }

// onEachKind holds an adapter against its port's suite, on one node and on a cluster.
func onEachKind[P any](t *testing.T, suite func(*testing.T, func(*testing.T) P), adapter func(*redispool.Pool) P) {
	t.Helper()
	redistest.OnEachKind(t, func(t *testing.T, open func(testing.TB) *redispool.Pool) {
		suite(t, func(t *testing.T) P {
			t.Helper()
			return adapter(open(t))
		})
	})
}

func TestBulletin(t *testing.T) {
	t.Parallel()
	onEachKind(t, portstest.Bulletin, func(p *redispool.Pool) ports.Bulletin { return redisstore.NewBulletin(p) })
}

func TestARevokedSessionIsBlacklistedForTheLifeOfAToken(t *testing.T) {
	t.Parallel()
	pool := redistest.New(t)
	items := []domain.Revocation{{Revision: 7, Session: "s-1", User: "u-1"}, {Revision: 8, User: "u-1", Before: time.Now()}}
	if err := redisstore.NewBulletin(pool).Post(t.Context(), items, 15*time.Minute); err != nil {
		t.Fatal(err)
	}
	ttl, err := redis.Int64(pool.Do(t.Context(), "PTTL", "blacklist:s-1"))
	if err != nil || ttl <= 14*60_000 || ttl > 15*60_000 {
		t.Fatalf("it lives %d ms more, %v", ttl, err)
	}
	if keys, err := redis.Strings(pool.Do(t.Context(), "KEYS", "*")); err != nil || len(keys) != 1 {
		t.Fatalf("%v %v", keys, err)
	}
}

func TestTheNewestRevisionIsPublished(t *testing.T) {
	t.Parallel()
	pool := redistest.New(t)
	heard, ready := make(chan string, 1), make(chan struct{}, 1)
	ended := make(chan error, 1)
	go func() {
		ended <- pool.Subscribe(t.Context(), []string{token.RevocationChannel}, func(_ string, payload []byte) { heard <- string(payload) }, func() { ready <- struct{}{} })
	}()
	t.Cleanup(func() {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	<-ready
	items := []domain.Revocation{{Revision: 8, Session: "s-2"}, {Revision: 7, Session: "s-1"}}
	if err := redisstore.NewBulletin(pool).Post(t.Context(), items, time.Minute); err != nil {
		t.Fatal(err)
	}
	if got := <-heard; got != "8" {
		t.Fatalf("published %q", got)
	}
}

// nowhere counts nothing: what reaches it has not been counted in Redis.
type nowhere struct{ ports.Guesses }

func TestGuesses(t *testing.T) {
	t.Parallel()
	onEachKind(t, portstest.Guesses, func(p *redispool.Pool) ports.Guesses { return redisstore.NewGuesses(p, nowhere{}) })
}
