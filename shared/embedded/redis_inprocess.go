package embedded

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2"
)

// clockStep is how far apart the stand-in's keys may expire from when they should.
const clockStep = 100 * time.Millisecond

// startInProcess runs the stand-in. Its keys do not expire by themselves, so a
// ticker moves its clock.
func startInProcess() (*Redis, error) {
	addr, err := freePort(context.Background())
	if err != nil {
		return nil, err
	}
	server := miniredis.NewMiniRedis()
	password := randomSecret()
	server.RequireAuth(password.Value())
	if err := server.StartAddr(addr.Addr()); err != nil {
		return nil, fmt.Errorf("start the in-process Redis: %w", err)
	}
	exited := make(chan error)
	r := &Redis{addr: addr, password: password, inProcess: true, exited: exited}
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		forwardClock(server, quit)
	}()
	end := sync.OnceFunc(func() {
		close(quit)
		<-done
		server.Close()
		close(exited)
	})
	r.stop = func(context.Context) error {
		end()
		return nil
	}
	return r, nil
}

func forwardClock(server *miniredis.Miniredis, quit <-chan struct{}) {
	tick := time.NewTicker(clockStep)
	defer tick.Stop()
	last := time.Now()
	for {
		select {
		case now := <-tick.C:
			server.FastForward(now.Sub(last))
			last = now
		case <-quit:
			return
		}
	}
}
