package app

import (
	"context"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

// Contacts lists those of the owner behind the one named after.
func (a *App) Contacts(ctx context.Context, owner domain.UserID, after domain.ContactID, limit int) ([]domain.Contact, error) {
	return a.Books.Page(ctx, owner, after, limit)
}

// ChangeContact changes what the owner says of a contact. Whoever reads a new
// address is asked; what the one before had agreed to is over.
func (a *App) ChangeContact(ctx context.Context, owner domain.UserID, id domain.ContactID, d domain.ContactDetails) (domain.Contact, error) {
	return a.Books.Change(ctx, owner, func(book domain.ContactBook, now time.Time) (domain.Contact, *ports.NewConsent, error) {
		changed, asks, err := book.Change(id, d, now)
		if err != nil || !asks {
			return changed, nil, err
		}
		return changed, a.newConsent(changed, now), nil
	})
}

// RemoveContact takes a contact away; nobody is told.
func (a *App) RemoveContact(ctx context.Context, owner domain.UserID, id domain.ContactID) error {
	removed, err := a.Books.Remove(ctx, owner, id)
	if err == nil {
		a.dismiss(ctx, removed, removed.User)
	}
	return err
}
