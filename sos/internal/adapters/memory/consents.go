package memory

import (
	"context"
	"slices"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

var _ ports.Consents = (*Store)(nil)

// ask keeps a request for consent, unless its address has been asked too often.
func (s *Store) ask(request *ports.NewConsent) {
	if request == nil {
		return
	}
	recent := 0
	for _, other := range s.consents {
		if other.Consent.Address == request.Consent.Address && request.Consent.CreatedAt.Sub(other.Consent.CreatedAt) < domain.ConsentWindow {
			recent++
		}
	}
	if recent < domain.MaxConsentRequests {
		kept := *request
		s.consents = append(s.consents, &kept)
	}
}

// Asked are the requests for consent at the address, for tests to answer.
func (s *Store) Asked(address string) (requests []domain.Consent) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, request := range s.consents {
		if request.Consent.Address == address {
			requests = append(requests, request.Consent)
		}
	}
	return requests
}

// Consent implements ports.Consents.
func (s *Store) Consent(_ context.Context, token ports.ConsentToken, answer func(*domain.ConsentedContact, time.Time) error) (domain.ConsentedContact, error) {
	var result domain.ConsentedContact
	err := s.locked(func(now time.Time) error {
		i := slices.IndexFunc(s.consents, func(c *ports.NewConsent) bool { return c.Token == token && s.contact(c.Consent.Contact) >= 0 })
		if i < 0 {
			return domain.ErrInvitationNotFound
		}
		at := s.contact(s.consents[i].Consent.Contact)
		result = domain.ConsentedContact{Consent: s.consents[i].Consent, Contact: s.contacts[at]}
		if err := answer(&result, now); err != nil {
			return err
		}
		s.consents[i].Consent, s.contacts[at] = result.Consent, result.Contact
		return nil
	})
	return result, err
}

// AddressedTo implements ports.Consents.
func (s *Store) AddressedTo(_ context.Context, user domain.UserID, at domain.Addresses, after domain.InvitationID, limit int) (found []domain.InvitedContact, err error) {
	err = s.locked(func(now time.Time) error {
		for _, i := range slices.Backward(s.invites) {
			place := s.contact(i.Contact)
			if place < 0 || len(found) == limit || (after != "" && i.ID >= after) || i.AnsweredBy != "" || !now.Before(i.ExpiresAt) {
				continue
			}
			if c := s.contacts[place]; c.Status == domain.Invited && c.Owner != user && c.AddressedTo(at) {
				found = append(found, domain.InvitedContact{Invitation: i.Invitation, Contact: c})
			}
		}
		return nil
	})
	return found, err
}

// AnswerAddressed implements ports.Consents.
func (s *Store) AnswerAddressed(ctx context.Context, id domain.InvitationID, answer func(*domain.InvitedContact, time.Time) error) (domain.InvitedContact, error) {
	var token ports.InviteToken
	known := false
	if err := s.locked(func(time.Time) error {
		for _, i := range s.invites {
			if i.ID == id {
				token, known = i.token, true
			}
		}
		return nil
	}); err != nil {
		return domain.InvitedContact{}, err
	}
	if !known {
		return domain.InvitedContact{}, domain.ErrInvitationNotFound
	}
	return s.Answer(ctx, token, answer)
}

// Test implements ports.Consents.
func (s *Store) Test(_ context.Context, owner domain.UserID, id domain.ContactID, admit func(domain.Contact, []domain.ContactTest, time.Time) error) (domain.Contact, error) {
	var tested domain.Contact
	err := s.locked(func(now time.Time) error {
		i := s.contact(id)
		if i < 0 || s.contacts[i].Owner != owner {
			return domain.ErrContactNotFound
		}
		tested = s.contacts[i]
		var recent []domain.ContactTest
		for _, t := range s.tests[owner] {
			if t.At.After(domain.TestsSince(now)) {
				recent = append(recent, t)
			}
		}
		if err := admit(tested, recent, now); err != nil {
			return err
		}
		s.tests[owner] = append(recent, domain.ContactTest{Contact: id, At: now})
		return nil
	})
	return tested, err
}
