package app

import (
	"context"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
)

// Contacts lists those of the owner behind the one named after.
func (a *App) Contacts(ctx context.Context, owner domain.UserID, after domain.ContactID, limit int) ([]domain.Contact, error) {
	return a.Books.Page(ctx, owner, after, limit)
}

// ChangeContact changes what the owner says of a contact.
func (a *App) ChangeContact(ctx context.Context, owner domain.UserID, id domain.ContactID, d domain.ContactDetails) (domain.Contact, error) {
	return a.Books.Change(ctx, owner, func(book domain.ContactBook, now time.Time) (domain.Contact, error) {
		return book.Change(id, d, now)
	})
}

// RemoveContact takes a contact away; nobody is told.
func (a *App) RemoveContact(ctx context.Context, owner domain.UserID, id domain.ContactID) error {
	return a.Books.Remove(ctx, owner, id)
}
