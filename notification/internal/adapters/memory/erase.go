package memory

import (
	"context"
	"slices"

	"github.com/loveapp/backend/notification/internal/domain"
)

// Erase implements ports.Erasure.
func (s *Store) Erase(_ context.Context, user domain.UserID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.check(); err != nil {
		return err
	}
	box := s.inbox(user)
	for _, e := range box.entries {
		box.remove(e)
	}
	clear(box.byID)
	clear(box.events)
	box.unread, box.purged, box.erased = 0, domain.Seq(len(box.entries)), true
	s.hops = slices.DeleteFunc(s.hops, func(h *hop) bool { return h.entry.User == user })
	s.deliveries = slices.DeleteFunc(s.deliveries, func(p *parcel) bool { return p.User == user })
	for _, one := range s.schedule {
		one.Draft = one.Draft.Without(user)
	}
	return nil
}
