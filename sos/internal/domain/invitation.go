package domain

import "time"

// Invitation asks one person, whoever holds its link, to be a contact.
type Invitation struct {
	ID         InvitationID
	Contact    ContactID
	Owner      UserID
	CreatedAt  time.Time
	ExpiresAt  time.Time
	AnsweredBy UserID // "" while open
	AnsweredAt *time.Time
}

// InvitedContact is an invitation with the contact it would make.
type InvitedContact struct {
	Invitation Invitation
	Contact    Contact
}

// Accept makes by the contact. The first answer counts; the same person may repeat it.
func (i *InvitedContact) Accept(by UserID, now time.Time) error {
	if i.Contact.Status == Active && i.Contact.User == by {
		return nil
	}
	if err := i.answerable(by, now); err != nil {
		return err
	}
	i.Contact.User = by
	i.answer(by, Active, now)
	return nil
}

// Decline refuses to be the contact. Who has accepted may still withdraw by
// the same link, at any time: consent that cannot be taken back is none.
func (i *InvitedContact) Decline(by UserID, now time.Time) error {
	if i.Invitation.AnsweredBy == by {
		if i.Contact.Status == Active {
			i.answer(by, Declined, now)
		}
		return nil
	}
	if err := i.answerable(by, now); err != nil {
		return err
	}
	i.answer(by, Declined, now)
	return nil
}

func (i *InvitedContact) answerable(by UserID, now time.Time) error {
	switch {
	case by == i.Invitation.Owner:
		return ErrOwnInvitation
	case i.Invitation.AnsweredBy != "":
		return ErrInvitationUsed
	case !now.Before(i.Invitation.ExpiresAt):
		return ErrInvitationExpired
	}
	return nil
}

func (i *InvitedContact) answer(by UserID, status ContactStatus, now time.Time) {
	i.Invitation.AnsweredBy, i.Invitation.AnsweredAt = by, &now
	i.Contact.Status, i.Contact.UpdatedAt = status, now
}
