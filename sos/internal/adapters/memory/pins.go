package memory

import (
	"context"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
)

// Pin implements ports.Pins.
func (s *Store) Pin(_ context.Context, owner domain.UserID) (pin domain.Pin, err error) {
	err = s.locked(func(time.Time) error {
		pin = s.pins[owner]
		return nil
	})
	return pin, err
}

// ChangePin implements ports.Pins.
func (s *Store) ChangePin(_ context.Context, owner domain.UserID, change func(*domain.Pin, time.Time) error) (domain.Pin, error) {
	var pin domain.Pin
	err := s.locked(func(now time.Time) error {
		pin = s.pins[owner]
		if err := change(&pin, now); err != nil {
			return err
		}
		s.pins[owner] = pin
		return nil
	})
	return pin, err
}
