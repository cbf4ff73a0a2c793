package app

import (
	"context"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

// Invited is a new contact with the link that makes somebody it.
type Invited struct {
	ID        domain.ContactID
	Name      string
	ExpiresAt time.Time
	Token     string
	URL       string
}

// Invite adds a contact to the caller's and makes the link to send to them.
func (a *App) Invite(ctx context.Context, owner domain.UserID, d domain.ContactDetails, once ports.Repeatable) (Invited, error) {
	a.Names.Ensure(ctx, owner) // who is invited wants to know by whom
	made, err := a.Books.Invite(ctx, owner, once, func(book domain.ContactBook, now time.Time) (ports.Invitation, error) {
		c, i, err := book.Invite(domain.ContactID(a.NewID()), domain.InvitationID(a.NewID()), d, now)
		if err != nil {
			return ports.Invitation{}, err
		}
		return ports.Invitation{Contact: c, Invitation: i, Token: hashOf(a.Links.token(i.ID)), Consent: a.newConsent(c, now)}, nil
	})
	if err != nil {
		return Invited{}, err
	}
	token := a.Links.again(made.Invitation.ID, made.Token)
	return Invited{ID: made.Contact.ID, Name: made.Contact.Name, ExpiresAt: made.Invitation.ExpiresAt, Token: token, URL: a.Links.url(token)}, nil
}

// newConsent asks for consent at the contact's address; nil where there is none.
func (a *App) newConsent(c domain.Contact, now time.Time) *ports.NewConsent {
	request := c.ConsentFor(domain.ConsentID(a.NewID()), now)
	if request == nil {
		return nil
	}
	return &ports.NewConsent{Consent: *request, Token: ports.ConsentToken(hashOf(a.Links.ConsentToken(request.ID)))}
}
