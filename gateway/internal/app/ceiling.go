package app

import (
	"time"

	"github.com/loveapp/backend/gateway/internal/domain"
	"golang.org/x/time/rate"
)

// ceiling is how many requests a second one gateway takes on from all clients
// together: past it a flood of new addresses, each within its own limits, would
// only cost the limiter's Redis and the services what is left of them.
type ceiling struct{ limiter *rate.Limiter } // nil: there is none

func newCeiling(l domain.Limit) ceiling {
	if !l.On() {
		return ceiling{}
	}
	return ceiling{rate.NewLimiter(rate.Every(l.Interval()), int(l.Burst))}
}

// reached tells whether the request is one too many. What is about an emergency
// never is, and counts for nobody.
func (c ceiling) reached(r domain.Route, now time.Time) bool {
	return c.limiter != nil && r.Priority != domain.Emergency && !c.limiter.AllowN(now, 1)
}
