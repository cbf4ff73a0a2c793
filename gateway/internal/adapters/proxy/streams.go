package proxy

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/loveapp/backend/gateway/internal/domain"
	"github.com/loveapp/backend/shared/fault"
)

var (
	errStreamsFull = fault.New(fault.Unavailable, "unavailable", "This gateway holds as many streams as it can. Try again shortly.").WithRetryAfter(2 * time.Second)
	errEnding      = errors.New("this gateway is about to stop")
)

// streams are the server-sent events that run through this gateway. They have
// no end of their own, hold no slot, and cost two descriptors each as a tunnel
// does; so they are counted, and ended when the gateway stops.
type streams struct {
	max int

	mu      sync.Mutex
	all     map[*exchange]context.CancelCauseFunc
	closing bool
}

func newStreams(most int) *streams {
	return &streams{max: most, all: make(map[*exchange]context.CancelCauseFunc)}
}

// openStream takes a stream in, and a seat for it. leave ends both.
func (p *Proxy) openStream(x *exchange, end context.CancelCauseFunc) (leave func(), err error) {
	stand, ok := p.seats.take(domain.CallerFrom(x))
	if !ok {
		p.watch.seatless.Inc()
		return nil, errSeatsTaken
	}
	if !p.streams.open(x, end) {
		stand()
		return nil, errStreamsFull
	}
	return func() { p.streams.ended(x); stand() }, nil
}

// open takes a stream in, unless there are enough or the gateway is about to stop.
func (s *streams) open(x *exchange, end context.CancelCauseFunc) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing || len(s.all) >= s.max {
		return false
	}
	s.all[x] = end
	return true
}

func (s *streams) ended(x *exchange) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.all, x)
}

// close ends all streams, one after the other as tunnels are. It does not wait:
// the server's drain does.
func (s *streams) close(ctx context.Context) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closing = true
	spread := min(time.Duration(len(s.all))*closePace, timeLeft(ctx))
	for _, end := range s.all {
		time.AfterFunc(rand.N(spread+1), func() { end(errEnding) }) //nolint:gosec // spreads load, guards nothing
	}
}
