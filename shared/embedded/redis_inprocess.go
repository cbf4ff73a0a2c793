package embedded

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"syscall"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/loveapp/backend/shared/config"
)

// clockStep is how far apart the stand-in's keys may expire from when they should.
const clockStep = 100 * time.Millisecond

// startInProcess runs the stand-in. Its keys do not expire by themselves, so a
// ticker moves its clock.
func startInProcess() (*Redis, error) {
	server := miniredis.NewMiniRedis()
	password := randomSecret()
	server.RequireAuth(password.Value())
	addr, err := bind(server)
	if err != nil {
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

// bind has the server listen on a port that is free when it does.
func bind(server *miniredis.Miniredis) (addr config.HostPort, err error) {
	for range startTries {
		if addr, err = freePort(context.Background()); err != nil {
			return addr, err
		}
		if err = server.StartAddr(addr.Addr()); !errors.Is(err, syscall.EADDRINUSE) {
			return addr, err
		}
	}
	return addr, err
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
