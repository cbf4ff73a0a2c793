package memory

import (
	"context"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

var _ ports.Questions = (*Store)(nil)

// question is a request for consent on its way.
type question struct {
	due      time.Time
	attempts int
	sent     bool
}

// ClaimConsents implements ports.Questions.
func (s *Store) ClaimConsents(_ context.Context, limit int, lease time.Duration) (claimed []ports.ClaimedConsent, err error) {
	err = s.locked(func(now time.Time) error {
		for _, request := range s.consents {
			q, at := s.question(request.Consent.ID), s.contact(request.Consent.Contact)
			if at < 0 || q.sent || q.due.After(now) || len(claimed) == limit {
				continue
			}
			c := s.contacts[at]
			if c.Status != domain.Invited || !request.Consent.Open(c, now) {
				continue
			}
			q.due = now.Add(lease)
			q.attempts++
			claimed = append(claimed, ports.ClaimedConsent{NewConsent: *request, Owner: c.Owner, At: domain.Addresses{Email: c.Email, Phone: c.Phone}, Attempt: q.attempts})
		}
		return nil
	})
	return claimed, err
}

// ConsentSent implements ports.Questions.
func (s *Store) ConsentSent(_ context.Context, id domain.ConsentID) error {
	return s.locked(func(time.Time) error {
		s.question(id).sent = true
		return nil
	})
}

// PostponeConsent implements ports.Questions.
func (s *Store) PostponeConsent(_ context.Context, id domain.ConsentID, after time.Duration) error {
	return s.locked(func(now time.Time) error {
		s.question(id).due = now.Add(after)
		return nil
	})
}

func (s *Store) question(id domain.ConsentID) *question {
	if s.asked == nil {
		s.asked = map[domain.ConsentID]*question{}
	}
	if s.asked[id] == nil {
		s.asked[id] = &question{}
	}
	return s.asked[id]
}
