package memory

import (
	"context"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
)

var _ ports.Schedule = (*Store)(nil)

// scheduled is an announcement that waits, or was cancelled.
type scheduled struct {
	domain.Announcement
	cancelled bool
}

// Release implements ports.Schedule.
func (s *Store) Release(_ context.Context, entriesOf func(*domain.Draft) []domain.Entry) (*domain.Announcement, []domain.Notification, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.check(); err != nil {
		return nil, nil, err
	}
	var due *scheduled
	for _, one := range s.schedule {
		if !one.cancelled && !one.Draft.SendAt.After(s.now()) && (due == nil || one.Draft.SendAt.Before(*due.Draft.SendAt)) {
			due = one
		}
	}
	if due == nil {
		return nil, nil, nil
	}
	delete(s.schedule, due.ID)
	due.Draft.CreatedAt = *due.Draft.SendAt
	if due.Draft.ExpiresAt != nil && !due.Draft.ExpiresAt.After(s.now()) {
		return &due.Announcement, nil, nil
	}
	return &due.Announcement, s.insert(entriesOf(&due.Draft)), nil
}

// Cancel implements ports.Schedule.
func (s *Store) Cancel(_ context.Context, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.check(); err != nil {
		return err
	}
	if one := s.schedule[id]; one != nil {
		one.cancelled = true
		return nil
	}
	if s.announced[id] {
		return domain.ErrAlreadySent
	}
	return domain.ErrAnnouncementNotFound
}
