package redispool_test

import (
	"context"
	"testing"
	"time"

	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/internal/wiretest"
	"github.com/loveapp/backend/shared/redispool"
	"github.com/loveapp/backend/shared/redispool/redistest"
)

// ear is a running Subscribe.
type ear struct {
	ready chan struct{}
	heard chan string
	ended chan error
	stop  context.CancelFunc
}

func subscribe(t *testing.T, pool *redispool.Pool, channels ...string) *ear {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	e := &ear{ready: make(chan struct{}, 100), heard: make(chan string, 100), ended: make(chan error, 1), stop: stop}
	go func() {
		e.ended <- pool.Subscribe(ctx, channels,
			func(channel string, payload []byte) { e.heard <- channel + ": " + string(payload) },
			func() { e.ready <- struct{}{} })
	}()
	t.Cleanup(func() {
		stop()
		if err := receive(t, "Subscribe ends", e.ended); err != nil {
			t.Errorf("Subscribe: %v", err)
		}
	})
	return e
}

func receive[T any](t *testing.T, what string, from <-chan T) (got T) {
	t.Helper()
	select {
	case got = <-from:
	case <-time.After(20 * time.Second):
		t.Errorf("never: %s", what)
	}
	return got
}

func publish(t *testing.T, pool *redispool.Pool, channel, payload string) {
	t.Helper()
	if err := pool.Publish(t.Context(), channel, []byte(payload)); err != nil {
		t.Fatal(err)
	}
}

func TestASubscriberHearsItsChannelsAndNoOther(t *testing.T) {
	t.Parallel()
	oneNodeAndCluster(t, func(t *testing.T, pool *redispool.Pool) {
		e := subscribe(t, pool, "births", "deaths")
		receive(t, "it subscribes", e.ready)
		publish(t, pool, "births", "ada")
		if got := receive(t, "the birth", e.heard); got != "births: ada" {
			t.Errorf("heard %q", got)
		}
		publish(t, pool, "weddings", "eve")
		publish(t, pool, "deaths", "bob\x00")
		if got := receive(t, "the death", e.heard); got != "deaths: bob\x00" {
			t.Errorf("heard %q", got)
		}
	})
}

func TestASubscriberThatIsCutOffSubscribesAgainAndSaysSo(t *testing.T) {
	t.Parallel()
	pool := redistest.New(t)
	e := subscribe(t, pool, "births")
	for range 3 {
		receive(t, "it subscribes", e.ready)
		do(t, pool, "CLIENT", "KILL", "TYPE", "pubsub")
	}
	receive(t, "it subscribes", e.ready)
	publish(t, pool, "births", "ada")
	receive(t, "the birth", e.heard)
}

func TestASubscriberNoticesAConnectionThatHasGoneSilentAndOneThatIsOnlyQuiet(t *testing.T) {
	t.Parallel()
	c := redistest.Config(t)
	wire := wiretest.New(t, c.Addrs[0].Addr())
	quiet := subscribe(t, open(t, c), "births")
	receive(t, "it subscribes", quiet.ready)
	c.Addrs = []config.HostPort{wire.Addr}
	silenced := subscribe(t, open(t, c), "births")
	receive(t, "it subscribes", silenced.ready)
	wire.Freeze() // nothing passes, nothing is closed
	receive(t, "it subscribes anew", silenced.ready)
	if len(quiet.ready) != 0 {
		t.Error("a quiet channel was taken for a lost connection")
	}
}

func TestASubscriberEndsWhileRedisIsAway(t *testing.T) {
	t.Parallel()
	e := subscribe(t, open(t, redispool.Config{Addrs: []config.HostPort{{Host: "127.0.0.1", Port: 1}}}), "births")
	e.stop()
	if err := receive(t, "it ends", e.ended); err != nil {
		t.Errorf("Subscribe: %v", err)
	}
	e.ended <- nil // for the cleanup
}
