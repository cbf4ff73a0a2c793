package wsapi_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/loveapp/backend/notification/internal/adapters/wsapi"
	"github.com/loveapp/backend/notification/internal/wstest"
)

// A client of a drain is served until it is told to come back, and only then closed.
func TestNobodyIsDroppedBeforeItIsAdvised(t *testing.T) {
	t.Parallel()
	const count, spread = 20, time.Second
	s := start(t, settings{limits: wsapi.Limits{Drain: spread, DrainEach: time.Minute, RetryAfter: time.Minute, Frames: 1_000_000, FrameBurst: 1_000_000}})
	var all sync.WaitGroup
	advice := make(chan int64, count)
	for range count {
		client := s.connect(newID())
		all.Go(func() {
			for {
				client.TrySend(`{"type":"ping"}`)
				m, err := client.Next(wstest.Patience)
				if err != nil {
					t.Errorf("it ends with %v, without advice", err)
					return
				}
				if m.Type == "reconnect" {
					advice <- m.RetryAfterMS
					break
				}
			}
			for {
				if _, err := client.Next(wstest.Patience); err != nil {
					if closed, ok := errors.AsType[wstest.ClosedError](err); !ok || closed.Code != 1012 {
						t.Errorf("behind the advice: %v", err)
					}
					client.Cut()
					return
				}
			}
		})
	}
	s.stop()
	all.Wait()
	close(advice)
	different := map[int64]bool{}
	for after := range advice {
		if after < 0 || after >= time.Minute.Milliseconds() {
			t.Errorf("come back after %d ms", after)
		}
		different[after] = true
	}
	if len(different) < count/2 { // of 60,000
		t.Errorf("all come back at one of %d times", len(different))
	}
}
