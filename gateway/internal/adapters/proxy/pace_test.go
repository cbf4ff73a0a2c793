package proxy_test

import (
	"maps"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/loveapp/backend/gateway/internal/domain"
)

// crowd sends n requests, eight at a time, and tells how many each instance got.
func (b *bench) crowd(t *testing.T, n int) map[string]int {
	t.Helper()
	b.mu.Lock()
	clear(b.asked)
	b.mu.Unlock()
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range n / 8 {
				b.get(t.Context())
			}
		})
	}
	group.Wait()
	b.mu.Lock()
	defer b.mu.Unlock()
	return maps.Clone(b.asked)
}

func TestASlowInstanceIsEjectedAndComesBackWhenItIsFast(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		lame := 300 * time.Millisecond
		b := over(t, domain.Plain, func(host string, _ *http.Request) (*http.Response, error) {
			if host == "slow:1" {
				time.Sleep(lame)
			} else {
				time.Sleep(10 * time.Millisecond)
			}
			return status(http.StatusOK)
		}, "slow:1", "fast:1", "fast:2")
		fleet := b.proxy.Fleet(domain.SOS)
		b.crowd(t, 2400) // until it has answered often enough to be judged
		fleet.ComparePaces()
		if got := b.crowd(t, 800); got["slow:1"] != 0 {
			t.Errorf("while it is out it gets %d", got["slow:1"])
		}
		lame = 10 * time.Millisecond
		time.Sleep(domain.Pause(1))
		fleet.ComparePaces()
		if got := b.crowd(t, 800); got["slow:1"] == 0 || got["slow:1"] > 250 {
			t.Errorf("at first it gets %d of 800", got["slow:1"])
		}
		time.Sleep(10 * time.Second)
		fleet.ComparePaces()
		if got := b.crowd(t, 900); got["slow:1"] < 200 {
			t.Errorf("later it gets %d of 900", got["slow:1"])
		}
	})
}

func TestWhoeverIsStillSlowIsLeftAloneForLonger(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := over(t, domain.Plain, func(host string, _ *http.Request) (*http.Response, error) {
			if host == "slow:1" {
				time.Sleep(300 * time.Millisecond)
			} else {
				time.Sleep(10 * time.Millisecond)
			}
			return status(http.StatusOK)
		}, "slow:1", "fast:1")
		fleet := b.proxy.Fleet(domain.SOS)
		for _, pause := range []time.Duration{5 * time.Second, 10 * time.Second} {
			b.crowd(t, 2400)
			fleet.ComparePaces()
			time.Sleep(pause - time.Millisecond)
			fleet.ComparePaces()
			if got := b.crowd(t, 8); got["slow:1"] != 0 {
				t.Errorf("it is back before %s", pause)
			}
			time.Sleep(11 * time.Second) // and warm again
			fleet.ComparePaces()
		}
	})
}

func TestANewcomerGetsItsShareSlowly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := over(t, domain.Plain, func(string, *http.Request) (*http.Response, error) { return status(http.StatusOK) }, "a:1")
		fleet := b.proxy.Fleet(domain.SOS)
		fleet.PassCheck("a:1")
		fleet.Set([]string{"a:1", "b:1"})
		fleet.PassCheck("b:1")
		share := func() int {
			for range 1000 {
				b.get(t.Context())
			}
			b.mu.Lock()
			defer b.mu.Unlock()
			n := b.asked["b:1"]
			clear(b.asked)
			return n
		}
		if n := share(); n > 120 { // a tenth of its half
			t.Errorf("at once it gets %d of 1000", n)
		}
		time.Sleep(10 * time.Second)
		if n := share(); n < 350 {
			t.Errorf("after its warm-up it gets %d of 1000", n)
		}
		fleet.FailCheck("b:1")
		fleet.PassCheck("b:1")
		if n := share(); n > 120 {
			t.Errorf("back from a restart it gets %d of 1000", n)
		}
		fleet.FailCheck("a:1")
		if n := share(); n != 1000 {
			t.Errorf("alone it gets %d of 1000", n)
		}
	})
}
