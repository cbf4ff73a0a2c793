package proxy

import (
	"net/netip"
	"sync"
	"time"

	"github.com/loveapp/backend/gateway/internal/domain"
	"github.com/loveapp/backend/shared/fault"
)

var errSeatsTaken = fault.New(fault.RateLimited, "rate_limited", "Too many sockets and streams are open from here. Close one first.").WithRetryAfter(10 * time.Second)

// seats count the sockets and streams of each client, so that nobody holds all
// that this gateway has.
type seats struct {
	limits domain.Seats
	shared []netip.Prefix

	mu   sync.Mutex
	held map[domain.Client]int
}

func newSeats(limits domain.Seats, shared []netip.Prefix) *seats {
	return &seats{limits: limits, shared: shared, held: make(map[domain.Client]int)}
}

// take takes all of the caller's seats or none. leave gives them back, once
// however often it is called.
func (s *seats) take(c domain.Caller) (leave func(), ok bool) {
	wanted := s.limits.Of(c, s.sharedBy(c.Address))
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, seat := range wanted {
		if s.held[seat.Holder] >= seat.Most {
			return nothing, false
		}
	}
	for _, seat := range wanted {
		s.held[seat.Holder]++
	}
	return sync.OnceFunc(func() { s.give(wanted) }), true
}

func (s *seats) give(taken []domain.Seat) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, seat := range taken {
		if s.held[seat.Holder]--; s.held[seat.Holder] == 0 {
			delete(s.held, seat.Holder)
		}
	}
}

func (s *seats) sharedBy(addr netip.Addr) bool {
	for _, p := range s.shared {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}
