package redisstore_test

import (
	"log/slog"
	"testing"
	"time"

	"github.com/loveapp/backend/auth/internal/adapters/memory"
	"github.com/loveapp/backend/auth/internal/adapters/redisstore"
	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/embedded"
	"github.com/loveapp/backend/shared/redispool"
)

// TestWhereRedisIsKilledGuessesAreStillLimited: from then on by each copy.
func TestWhereRedisIsKilledGuessesAreStillLimited(t *testing.T) {
	t.Parallel()
	server, err := embedded.StartRedis(t.Context(), embedded.RedisOptions{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	pool, err := redispool.Open(redispool.Config{Addrs: []config.HostPort{server.Addr()}, Password: server.Password()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pool.Close() })
	guesses := redisstore.NewGuesses(pool, memory.NewGuesses(time.Now))
	_, _, rule := domain.GuessRules()
	rule.Delay = 0 // what is left is the most that are let through
	allowed := func(tries int) (n int) {
		for range tries {
			verdict, err := guesses.Try(t.Context(), "ana", rule)
			if err != nil {
				t.Fatal(err)
			}
			if verdict == domain.GuessRefused {
				continue
			}
			n++
			outcome := domain.GuessNothing
			if verdict == domain.GuessFree {
				outcome = domain.GuessMissed
			}
			if err := guesses.Settle(t.Context(), "ana", rule, outcome); err != nil {
				t.Fatal(err)
			}
		}
		return n
	}
	before := allowed(3)
	if err := server.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if after := allowed(3 * rule.Most); before != 3 || after != rule.Most {
		t.Errorf("%d before, %d after of at most %d", before, after, rule.Most)
	}
}
