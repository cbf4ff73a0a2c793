package ports

import (
	"context"
	"crypto/sha256"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
)

// ShareToken is the hash under which a link's token is kept.
type ShareToken [sha256.Size]byte

// NewShare is a link and the hash of what opens it.
type NewShare struct {
	Share domain.Share
	Token ShareToken
}

// Followed is a link and the ticket behind it as they are now.
type Followed struct {
	Share  domain.Share
	Ticket domain.Ticket
	Now    time.Time
}

// Shares keeps the links to tickets.
type Shares interface {
	// Share stores the link that make gives for the ticket, which is locked
	// meanwhile; live is how many links to it are good. It fails with
	// ErrTicketNotFound. The same request within 24 hours gives the first one's
	// link again, without calling make; the same key with another body fails with
	// ErrKeyReused.
	Share(ctx context.Context, ticket domain.TicketID, once Repeatable, make func(c *domain.Case, live int, now time.Time) (NewShare, error)) (NewShare, error)
	// Shares gives the ticket's links, revoked ones too, the newest first, at most 100.
	Shares(ctx context.Context, ticket domain.TicketID) ([]NewShare, error)
	// Revoke ends a link, once. allow sees the ticket first and its error comes
	// back as it is. It fails with ErrShareNotFound where there is none.
	Revoke(ctx context.Context, id domain.ShareID, allow func(c domain.Case) error) error
	// KeepLinks stores those of the links whose ids are new and gives all of them as
	// they are kept, revoked ones too, in no order.
	KeepLinks(ctx context.Context, links []NewShare) ([]NewShare, error)
	// Followed finds a link by its token, good or not; ErrShareNotFound where there
	// is none, and where it was made for somebody who is a contact no longer.
	Followed(ctx context.Context, token ShareToken) (Followed, error)
	// Watch gives the links of the ids, good or not; what Followed does not find is left out.
	Watch(ctx context.Context, ids []domain.ShareID) ([]Followed, error)
}
