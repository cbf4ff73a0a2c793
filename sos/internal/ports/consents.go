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

// Consents is who agrees to be a contact otherwise than by a link.
type Consents interface {
	// Consent stores what answer makes of the request and its contact. It fails
	// with ErrInvitationNotFound where no contact waits behind the token.
	Consent(ctx context.Context, token ConsentToken, answer func(*domain.ConsentedContact, time.Time) error) (domain.ConsentedContact, error)
	// AddressedTo gives up to limit open invitations of others than user at one of
	// the addresses, the newest first.
	AddressedTo(ctx context.Context, user domain.UserID, at domain.Addresses, limit int) ([]domain.InvitedContact, error)
	// AnswerAddressed is Invitations.Answer by the invitation's id.
	AnswerAddressed(ctx context.Context, id domain.InvitationID, answer func(*domain.InvitedContact, time.Time) error) (domain.InvitedContact, error)
	// Test notes a test of the contact, if admit lets it; tests are the owner's
	// since domain.TestsSince. It fails with ErrContactNotFound.
	Test(ctx context.Context, owner domain.UserID, id domain.ContactID, admit func(c domain.Contact, tests []domain.ContactTest, now time.Time) error) (domain.Contact, error)
}
