package app

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

var errNoDirectory = fault.New(fault.Unavailable, "unavailable", "Your verified addresses cannot be looked up right now. Try again shortly.").WithRetryAfter(2 * time.Second)

// addresses are those that the user has verified.
func (a *App) addresses(ctx context.Context, user domain.UserID) (domain.Addresses, error) {
	at, err := a.Names.directory.Addresses(ctx, user)
	switch {
	case errors.Is(err, ports.ErrUnknownPerson):
		return domain.Addresses{}, nil
	case err != nil:
		return domain.Addresses{}, errNoDirectory.WithCause(err)
	}
	return at, nil
}

// AddressedInvitation is an invitation as whom it is for sees it.
type AddressedInvitation struct {
	domain.Invitation
	OwnerName string
}

// AddressedInvitations are up to limit of those at an address that the user has
// verified, the newest first; those behind the one named after where that is set.
func (a *App) AddressedInvitations(ctx context.Context, user domain.UserID, after domain.InvitationID, limit int) ([]AddressedInvitation, error) {
	at, err := a.addresses(ctx, user)
	if err != nil || at.None() {
		return nil, err
	}
	found, err := a.Consents.AddressedTo(ctx, user, at, after, limit)
	if err != nil {
		return nil, err
	}
	shown := make([]AddressedInvitation, 0, len(found))
	for _, i := range found {
		name := ""
		if known, ok, err := a.Names.people.Name(ctx, i.Contact.Owner); err == nil && ok { // who invited was asked for their name then
			name = known.Name
		}
		shown = append(shown, AddressedInvitation{i.Invitation, name})
	}
	return shown, nil
}

// AnswerAddressed takes the user's word on an invitation at an address that
// they have verified; to others there is none.
func (a *App) AnswerAddressed(ctx context.Context, user domain.UserID, id domain.InvitationID, accept bool) (Answered, error) {
	at, err := a.addresses(ctx, user)
	if err != nil {
		return Answered{}, err
	}
	i, err := a.Consents.AnswerAddressed(ctx, id, func(i *domain.InvitedContact, now time.Time) error {
		if i.Contact.Owner == user || !i.Contact.AddressedTo(at) {
			return domain.ErrInvitationNotFound
		}
		if accept {
			return i.Accept(user, now)
		}
		return i.Decline(user, now)
	})
	if err != nil {
		return Answered{}, err
	}
	if i.Contact.Status == domain.Declined {
		a.dismiss(ctx, i.Contact, user)
	}
	return a.answered(ctx, i.Contact), nil
}

// Consent takes the word of somebody without the app.
func (a *App) Consent(ctx context.Context, token string, accept bool) (Answered, error) {
	c, err := a.Consents.Consent(ctx, ports.ConsentToken(hashOf(token)), func(c *domain.ConsentedContact, now time.Time) error { return c.Answer(accept, now) })
	if err != nil {
		return Answered{}, err
	}
	if c.Contact.Status == domain.Declined {
		a.dismiss(ctx, c.Contact, "")
	}
	return a.answered(ctx, c.Contact), nil
}

func (a *App) answered(ctx context.Context, c domain.Contact) Answered {
	a.Logger.LogAttrs(ctx, slog.LevelInfo, "invitation answered", slog.String("contact_id", string(c.ID)), slog.String("status", string(c.Status)))
	return Answered{ID: c.ID, Status: c.Status, OwnerName: a.Names.Ensure(ctx, c.Owner)}
}

// TestContact sends a marked test to one of the owner's contacts, so that both
// know that an alarm would arrive. It fails where it cannot be handed over now.
func (a *App) TestContact(ctx context.Context, owner domain.UserID, id domain.ContactID) error {
	name := a.Names.Ensure(ctx, owner)
	var at time.Time
	c, err := a.Consents.Test(ctx, owner, id, func(c domain.Contact, tests []domain.ContactTest, now time.Time) error {
		at = now
		return c.Testable(tests, now)
	})
	if err != nil {
		return err
	}
	err = a.sendTest(ctx, c, domain.Alert{
		TicketID: domain.TicketID(a.NewID()), Seq: 1, Recipient: c.User, Kind: domain.AlertTest, At: at, ReporterName: name,
	})
	if errors.Is(err, errNoChannel) {
		return domain.ErrNoChannel
	}
	if err != nil {
		return fault.New(fault.Unavailable, "unavailable", "The test could not be sent. Try again shortly.").WithRetryAfter(time.Minute).WithCause(err)
	}
	a.Logger.LogAttrs(ctx, slog.LevelInfo, "contact tested", slog.String("contact_id", string(id)))
	return nil
}

func (a *App) sendTest(ctx context.Context, to domain.Contact, test domain.Alert) error {
	if !to.User.Outside() {
		return a.Notifier.Notify(ctx, []domain.Alert{test})
	}
	unsent, err := a.Post.Write(ctx, []domain.Letter{{To: to.Mailbox(), Alert: &test}})
	if err == nil && len(unsent) > 0 {
		err = errNoChannel
	}
	return err
}
