package domain

import (
	"slices"
	"time"
)

const (
	// MaxContacts counts those invited and those active.
	MaxContacts = 10
	// maxInvitations is per owner in any 24 hours; invitations of contacts that
	// were removed again count, or the limit would be none.
	maxInvitations   = 20
	invitationWindow = 24 * time.Hour
	invitationLife   = 7 * 24 * time.Hour
)

// ContactBook is somebody's contacts, and when they invited in the last day.
type ContactBook struct {
	Owner    UserID
	Contacts []Contact
	// Invitations of the last invitationWindow, the oldest first.
	Invitations []time.Time
}

// InvitationsSince is how far back a book must look.
func InvitationsSince(now time.Time) time.Time { return now.Add(-invitationWindow) }

// Invite adds a contact who is still to agree, and the invitation to send.
func (b ContactBook) Invite(id ContactID, invitation InvitationID, d ContactDetails, now time.Time) (Contact, Invitation, error) {
	c := Contact{ID: id, Owner: b.Owner, Priority: 1, Status: Invited, CreatedAt: now, UpdatedAt: now}
	if err := c.change(d); err != nil {
		return Contact{}, Invitation{}, err
	}
	if err := b.admit(c, now); err != nil {
		return Contact{}, Invitation{}, err
	}
	return c, Invitation{ID: invitation, Contact: id, Owner: b.Owner, CreatedAt: now, ExpiresAt: now.Add(invitationLife)}, nil
}

func (b ContactBook) admit(c Contact, now time.Time) error {
	if err := b.unique(c); err != nil {
		return err
	}
	living := 0
	for _, other := range b.Contacts {
		if other.Status != Declined {
			living++
		}
	}
	if living >= MaxContacts {
		return ErrContactLimit
	}
	return b.mayWrite(now)
}

// mayWrite: whoever asks for consents writes to strangers.
func (b ContactBook) mayWrite(now time.Time) error {
	if n := len(b.Invitations); n >= maxInvitations {
		return ErrTooManyInvitations.WithRetryAfter(b.Invitations[n-maxInvitations].Add(invitationWindow).Sub(now))
	}
	return nil
}

// Change takes over the details of one of the contacts. asks tells whether the
// holder of its address has to be asked, because it is a new one.
func (b ContactBook) Change(id ContactID, d ContactDetails, now time.Time) (changed Contact, asks bool, err error) {
	i := slices.IndexFunc(b.Contacts, func(c Contact) bool { return c.ID == id })
	if i < 0 {
		return Contact{}, false, ErrContactNotFound
	}
	changed = b.Contacts[i]
	if err := changed.change(d); err != nil {
		return Contact{}, false, err
	}
	if changed == b.Contacts[i] {
		return changed, false, nil
	}
	if before := b.Contacts[i]; before.User.Outside() && changed.elsewhere(before) {
		changed.Status, changed.User, changed.AgreedBy = Invited, "", "" // who reads the new address has agreed to nothing
	}
	changed.UpdatedAt = now
	if err := b.unique(changed); err != nil {
		return Contact{}, false, err
	}
	if asks = changed.Status == Invited && changed.askedAt().To != "" && changed.elsewhere(b.Contacts[i]); asks {
		err = b.mayWrite(now)
	}
	return changed, asks, err
}

func (b ContactBook) unique(c Contact) error {
	for _, other := range b.Contacts {
		if other.ID != c.ID && other.Status != Declined && other.sameAddress(c) {
			return ErrDuplicateContact
		}
	}
	return nil
}
