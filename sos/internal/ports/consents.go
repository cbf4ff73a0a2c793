package ports

import (
	"context"
	"crypto/sha256"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
)

// ConsentToken is the hash under which a consent's token is kept.
type ConsentToken [sha256.Size]byte

// NewConsent is a request for consent and the hash of what answers it.
type NewConsent struct {
	Consent domain.Consent
	Token   ConsentToken
}

// Questions is the queue of requests for consent that are to be mailed or texted.
type Questions interface {
	// ClaimConsents leases up to limit requests that have not been sent and are due,
	// the oldest first: those that are neither answered nor over, at an address that
	// their contact, who is still invited, has. A lease that ends before ConsentSent or
	// PostponeConsent makes the request due again.
	ClaimConsents(ctx context.Context, limit int, lease time.Duration) ([]ClaimedConsent, error)
	// ConsentSent ends the queueing of a request.
	ConsentSent(ctx context.Context, id domain.ConsentID) error
	// PostponeConsent makes the request due again after a while.
	PostponeConsent(ctx context.Context, id domain.ConsentID, after time.Duration) error
}

// ClaimedConsent is a request to be sent.
type ClaimedConsent struct {
	NewConsent

	Owner   domain.UserID    // who wants them as a contact
	At      domain.Addresses // all that the owner has given of them
	Attempt int              // 1 at the first
}

// Consents is who agrees to be a contact otherwise than by a link.
type Consents interface {
	// Consent stores what answer makes of the request and its contact. It fails
	// with ErrInvitationNotFound where no contact waits behind the token.
	Consent(ctx context.Context, token ConsentToken, answer func(*domain.ConsentedContact, time.Time) error) (domain.ConsentedContact, error)
	// AddressedTo gives up to limit open invitations of others than user at one of
	// the addresses, the newest first; those behind after where that is set.
	AddressedTo(ctx context.Context, user domain.UserID, at domain.Addresses, after domain.InvitationID, limit int) ([]domain.InvitedContact, error)
	// AnswerAddressed is Invitations.Answer by the invitation's id.
	AnswerAddressed(ctx context.Context, id domain.InvitationID, answer func(*domain.InvitedContact, time.Time) error) (domain.InvitedContact, error)
	// Test notes a test of the contact, if admit lets it; tests are the owner's
	// since domain.TestsSince. It fails with ErrContactNotFound.
	Test(ctx context.Context, owner domain.UserID, id domain.ContactID, admit func(c domain.Contact, tests []domain.ContactTest, now time.Time) error) (domain.Contact, error)
}
