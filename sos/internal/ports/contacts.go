package ports

import (
	"context"
	"crypto/sha256"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
)

// InviteToken is the hash under which an invitation's token is kept.
type InviteToken [sha256.Size]byte

// Invitation is what an invitation is answered with.
type Invitation struct {
	Contact    domain.Contact
	Invitation domain.Invitation
	Token      InviteToken
	Consent    *NewConsent // what is mailed or texted; nil without an address
}

// ContactBooks keeps who trusts whom. Changes of one owner's book happen one after the other.
type ContactBooks interface {
	// Invite stores what invite adds to the owner's book. The same request within
	// 24 hours gives the first one's contact (as it was) and invitation again, without
	// calling invite; the same key with another body fails with ErrKeyReused.
	Invite(ctx context.Context, owner domain.UserID, once Repeatable, invite func(domain.ContactBook, time.Time) (Invitation, error)) (Invitation, error)
	// Change stores the contact that change makes of one in the owner's book and,
	// unless it is nil, the request for consent that goes to its new address, which
	// counts as an invitation.
	Change(ctx context.Context, owner domain.UserID, change func(domain.ContactBook, time.Time) (domain.Contact, *NewConsent, error)) (domain.Contact, error)
	// Remove takes a contact and its open invitation away and gives what it was;
	// ErrContactNotFound where the owner has none of that id.
	Remove(ctx context.Context, owner domain.UserID, id domain.ContactID) (domain.Contact, error)
	// Page gives up to limit contacts behind the one named after ("" = the first), in the order of their ids, which is when they were made.
	Page(ctx context.Context, owner domain.UserID, after domain.ContactID, limit int) ([]domain.Contact, error)
}

// Invitations finds invitations by their token.
type Invitations interface {
	// Answer stores what answer makes of the invitation and its contact. It fails
	// with ErrInvitationNotFound where no contact waits behind the token, and with
	// ErrDuplicateContact where the owner already has the person who accepts.
	Answer(ctx context.Context, token InviteToken, answer func(*domain.InvitedContact, time.Time) error) (domain.InvitedContact, error)
}
