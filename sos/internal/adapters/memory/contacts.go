package memory

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

// invite is an invitation and the token that opens it.
type invite struct {
	domain.Invitation
	token ports.InviteToken
}

// Invite implements ports.ContactBooks.
func (s *Store) Invite(_ context.Context, owner domain.UserID, once ports.Repeatable, add func(domain.ContactBook, time.Time) (ports.Invitation, error)) (ports.Invitation, error) {
	var result ports.Invitation
	err := s.locked(func(now time.Time) error {
		if repeated, err := s.repeated(once, now, &result); repeated || err != nil {
			return err
		}
		added, err := add(s.book(owner, now), now)
		if err != nil {
			return err
		}
		s.contacts = append(s.contacts, added.Contact)
		s.invites = append(s.invites, &invite{added.Invitation, added.Token})
		s.ask(added.Consent)
		s.remember(once, now, added)
		result = added
		return nil
	})
	return result, err
}

// Change implements ports.ContactBooks.
func (s *Store) Change(_ context.Context, owner domain.UserID, change func(domain.ContactBook, time.Time) (domain.Contact, *ports.NewConsent, error)) (domain.Contact, error) {
	var result domain.Contact
	err := s.locked(func(now time.Time) (err error) {
		var asked *ports.NewConsent
		if result, asked, err = change(s.book(owner, now), now); err != nil {
			return err
		}
		s.contacts[s.contact(result.ID)] = result
		if s.ask(asked); asked != nil {
			s.invites = append(s.invites, &invite{Invitation: domain.Invitation{Owner: owner, CreatedAt: asked.Consent.CreatedAt}}) // it only counts
		}
		return nil
	})
	return result, err
}

// Remove implements ports.ContactBooks.
func (s *Store) Remove(_ context.Context, owner domain.UserID, id domain.ContactID) (removed domain.Contact, err error) {
	err = s.locked(func(time.Time) error {
		i := s.contact(id)
		if i < 0 || s.contacts[i].Owner != owner {
			return domain.ErrContactNotFound
		}
		removed = s.contacts[i]
		s.contacts = slices.Delete(s.contacts, i, i+1)
		return nil
	})
	return removed, err
}

// agrees tells whether the user is a contact of the owner now.
func (s *Store) agrees(owner, user domain.UserID) bool {
	return slices.ContainsFunc(s.contacts, func(c domain.Contact) bool { return c.Owner == owner && c.User == user && c.Status == domain.Active })
}

// Page implements ports.ContactBooks.
func (s *Store) Page(_ context.Context, owner domain.UserID, after domain.ContactID, limit int) (page []domain.Contact, err error) {
	err = s.locked(func(time.Time) error {
		page = s.list(owner, after, limit)
		return nil
	})
	return page, err
}

func (s *Store) list(owner domain.UserID, after domain.ContactID, limit int) []domain.Contact {
	var page []domain.Contact
	for _, c := range s.contacts {
		if c.Owner == owner && c.ID > after {
			page = append(page, c)
		}
	}
	slices.SortFunc(page, func(a, b domain.Contact) int { return cmp.Compare(a.ID, b.ID) })
	return page[:min(len(page), limit)]
}

// Answer implements ports.Invitations.
func (s *Store) Answer(_ context.Context, token ports.InviteToken, answer func(*domain.InvitedContact, time.Time) error) (domain.InvitedContact, error) {
	var result domain.InvitedContact
	err := s.locked(func(now time.Time) error {
		i := slices.IndexFunc(s.invites, func(i *invite) bool { return i.token == token && s.contact(i.Contact) >= 0 })
		if i < 0 {
			return domain.ErrInvitationNotFound
		}
		at := s.contact(s.invites[i].Contact)
		result = domain.InvitedContact{Invitation: s.invites[i].Invitation, Contact: s.contacts[at]}
		if err := answer(&result, now); err != nil {
			return err
		}
		if s.taken(result.Contact) {
			return domain.ErrDuplicateContact
		}
		s.invites[i].Invitation, s.contacts[at] = result.Invitation, result.Contact
		return nil
	})
	return result, err
}

// taken: the owner has the person who accepts already.
func (s *Store) taken(accepted domain.Contact) bool {
	return accepted.Status == domain.Active && slices.ContainsFunc(s.contacts, func(c domain.Contact) bool {
		return c.ID != accepted.ID && c.Owner == accepted.Owner && c.Status == domain.Active && c.User == accepted.User
	})
}

func (s *Store) contact(id domain.ContactID) int {
	return slices.IndexFunc(s.contacts, func(c domain.Contact) bool { return c.ID == id })
}

func (s *Store) book(owner domain.UserID, now time.Time) domain.ContactBook {
	book := domain.ContactBook{Owner: owner, Contacts: s.list(owner, "", len(s.contacts))}
	for _, i := range s.invites {
		if i.Owner == owner && i.CreatedAt.After(domain.InvitationsSince(now)) {
			book.Invitations = append(book.Invitations, i.CreatedAt)
		}
	}
	return book
}

// willing are the contacts who have agreed, the most important first.
func (s *Store) willing(owner domain.UserID) (helpers []domain.Recipient) {
	contacts := s.list(owner, "", len(s.contacts))
	slices.SortStableFunc(contacts, func(a, b domain.Contact) int { return cmp.Compare(a.Priority, b.Priority) })
	for _, c := range contacts {
		if c.Status == domain.Active {
			helpers = append(helpers, domain.Recipient{Contact: c.ID, User: c.User, Name: c.Name})
		}
	}
	return helpers
}
