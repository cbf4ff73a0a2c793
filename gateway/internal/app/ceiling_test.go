package app_test

import (
	"testing"
	"time"

	"github.com/loveapp/backend/gateway/internal/app"
	"github.com/loveapp/backend/gateway/internal/domain"
)

func TestOneGatewayTakesOnSoManyRequestsASecondAndEveryEmergency(t *testing.T) {
	t.Parallel()
	w := start(t, func(c *app.Config) {
		c.Ceiling = domain.Limit{Name: "instance", Count: 100, Window: time.Second, Burst: 20}
	})
	taken := func(n int, r domain.Route) (taken int) {
		for range n {
			if !w.OverCeiling(r) {
				taken++
			}
		}
		return taken
	}
	alarm := domain.Route{Service: domain.SOS, Priority: domain.Emergency}
	if n := taken(50, reading); n != 20 {
		t.Errorf("%d of 50 at once", n)
	}
	if n := taken(500, alarm); n != 500 {
		t.Errorf("%d of 500 emergencies beside them", n)
	}
	w.clock.advance(100 * time.Millisecond)
	if n := taken(50, reading); n != 10 {
		t.Errorf("%d of 50 a tenth of a second later", n)
	}
}

func TestWithoutACeilingThereIsNone(t *testing.T) {
	t.Parallel()
	w := start(t)
	for i := range 100_000 {
		if w.OverCeiling(reading) {
			t.Fatalf("request %d is over it", i)
		}
	}
}
