// Package ports says what the use cases of auth need from outside.
package ports

import (
	"context"

	"github.com/loveapp/backend/auth/internal/domain"
)

// Store keeps accounts, sessions and what became of them.
type Store interface {
	// Change runs work in one transaction: everything it did is kept, or nothing
	// when it fails. work may run more than once, so it touches nothing but tx
	// and what it returns through its closure. Its own error is returned as it is.
	Change(ctx context.Context, work func(tx Tx) error) error
}

// Tx is what a transaction can do.
type Tx interface {
	UserWriter
	SessionWriter
	Supervisor
	SecondFactorWriter
	IdentityWriter
	Journal
	AccountWriter
	PostWriter
	Leaver
}

// UserWriter changes accounts.
type UserWriter interface {
	// AddUser fails with domain.ErrEmailTaken where the address has an account.
	AddUser(ctx context.Context, account domain.Account) error
	// EditUser locks the user, applies edit and keeps the profile that results.
	// It fails with domain.ErrUserNotFound, or as edit does.
	EditUser(ctx context.Context, id domain.UserID, edit func(*domain.User) error) (domain.User, error)
	// Rehash replaces the hash of an unchanged password. Where the credential
	// version is no longer the one given it does nothing.
	Rehash(ctx context.Context, id domain.UserID, credentialVersion int64, hash string) error
}

// SessionWriter opens and ends sessions.
type SessionWriter interface {
	// OpenSession fails with domain.ErrInvalidCredentials unless the user is
	// active and their credentials are still of that version; a change of
	// either waits for this transaction, or is seen by it.
	OpenSession(ctx context.Context, session domain.Session, credentialVersion int64) error
	// EndSessions ends the live sessions that the ending chooses and makes a
	// revocation of each, with the next revisions in a row. It serialises all
	// transactions that revoke until they end, so it comes last. Choosing none
	// is no error.
	EndSessions(ctx context.Context, ending domain.Ending) ([]domain.Revocation, error)
}

// Journal takes the record of what happened.
type Journal interface {
	// Record adds the event; no adapter can change or remove one.
	Record(ctx context.Context, event domain.AuditEvent) error
}
