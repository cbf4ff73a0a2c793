package embedded

import (
	"context"
	"fmt"
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
	r := &Redis{addr: addr, password: password, inProcess: true, exited: make(chan error)}
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		forwardClock(server, quit)
	}()
	r.stop = func(context.Context) error {
		close(quit)
		<-done
		server.Close()
		close(r.exited)
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
