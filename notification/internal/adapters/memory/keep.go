package memory

import (
	"context"
	"slices"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
)

// KeepHops implements ports.Hops.
func (s *Store) KeepHops(_ context.Context, held []ports.Held, lease time.Duration) (kept []ports.Held, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, h := range s.hops {
		if one := (ports.Held{Lease: h.lease, ID: string(h.entry.ID)}); slices.Contains(held, one) {
			h.due, kept = s.now().Add(lease), append(kept, one)
		}
	}
	return kept, s.check()
}

// KeepDeliveries implements ports.Deliveries.
func (s *Store) KeepDeliveries(_ context.Context, held []ports.Held, lease time.Duration) (kept []ports.Held, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.deliveries {
		if one := (ports.Held{Lease: p.lease, ID: string(p.ID)}); p.State == domain.Waiting && slices.Contains(held, one) {
			p.DueAt, kept = s.now().Add(lease), append(kept, one)
		}
	}
	return kept, s.check()
}

// InHand is how many plans and deliveries are claimed and not finished.
func (s *Store) InHand() (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, h := range s.hops {
		if h.lease != "" {
			n++
		}
	}
	for _, p := range s.deliveries {
		if p.State == domain.Waiting && p.lease != "" {
			n++
		}
	}
	return n
}
