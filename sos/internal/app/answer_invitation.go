package app

import (
	"context"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
)

// Answered is what somebody who was invited is told.
type Answered struct {
	ID        domain.ContactID
	Status    domain.ContactStatus
	OwnerName string // "" where it is not known
}

// AcceptInvitation makes the caller the contact that the token's holder was invited to be.
func (a *App) AcceptInvitation(ctx context.Context, by domain.UserID, token string) (Answered, error) {
	return a.answer(ctx, token, func(i *domain.InvitedContact, now time.Time) error { return i.Accept(by, now) })
}

// DeclineInvitation refuses to be the contact, or is it no more.
func (a *App) DeclineInvitation(ctx context.Context, by domain.UserID, token string) (Answered, error) {
	return a.answer(ctx, token, func(i *domain.InvitedContact, now time.Time) error { return i.Decline(by, now) })
}

func (a *App) answer(ctx context.Context, token string, do func(*domain.InvitedContact, time.Time) error) (Answered, error) {
	i, err := a.Invitations.Answer(ctx, hashOf(token), do)
	if err != nil {
		return Answered{}, err
	}
	if i.Contact.Status == domain.Declined {
		a.dismiss(ctx, i.Contact, i.Invitation.AnsweredBy)
	}
	return a.answered(ctx, i.Contact), nil
}
