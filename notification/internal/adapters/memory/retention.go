package memory

import (
	"context"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
)

// walkEvery is how often all inboxes are looked at.
const walkEvery = 24 * time.Hour

// Purge implements ports.Retention.
func (s *Store) Purge(_ context.Context, r domain.Retention) (purged int, more bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.check(); err != nil || s.now().Sub(s.walked) < walkEvery {
		return 0, false, err
	}
	s.walked = s.now()
	for _, box := range s.inboxes {
		purged += box.purge(r, s.now())
	}
	return purged, false, nil
}

func (b *inbox) purge(r domain.Retention, now time.Time) (purged int) {
	for _, e := range b.entries[b.purged:] {
		if r.Keeps(now.Sub(e.StoredAt), e.deleted || e.ReadAt != nil && e.acked) {
			break
		}
		if !e.deleted {
			b.remove(e)
		}
		delete(b.byID, e.ID)
		delete(b.events, e.event)
		b.purged = e.Seq
		purged++
	}
	return purged
}
