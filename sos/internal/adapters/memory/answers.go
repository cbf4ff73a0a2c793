package memory

import (
	"crypto/sha256"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

type answerKey struct {
	caller     domain.UserID
	route, key string
}

// answer is what a request with an Idempotency-Key led to.
type answer struct {
	body [sha256.Size]byte
	at   time.Time
	was  any
}

// repeated tells whether the request was answered before, and lays that answer into result.
func (s *Store) repeated(once ports.Repeatable, now time.Time, result *ports.Invitation) (bool, error) {
	a, known := s.answers[answerKey{once.Caller, once.Route, once.Key}]
	switch {
	case once.Key == "" || !known || now.Sub(a.at) >= ports.RepeatableFor:
		return false, nil
	case a.body != once.Body:
		return false, domain.ErrKeyReused
	}
	if was, ok := a.was.(ports.Invitation); ok && result != nil {
		*result = was
	}
	return true, nil
}

func (s *Store) remember(once ports.Repeatable, now time.Time, was any) {
	if once.Key != "" {
		s.answers[answerKey{once.Caller, once.Route, once.Key}] = &answer{once.Body, now, was}
	}
}
