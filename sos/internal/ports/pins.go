package ports

import (
	"context"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
)

// Pins keeps the PINs of people. The zero Pin is that of somebody who has none.
type Pins interface {
	// Pin is what is kept now.
	Pin(ctx context.Context, owner domain.UserID) (domain.Pin, error)
	// ChangePin stores what change makes of it; changes of one person's happen one
	// after the other. Its error comes back as it is, and nothing is stored then.
	ChangePin(ctx context.Context, owner domain.UserID, change func(p *domain.Pin, now time.Time) error) (domain.Pin, error)
}

// Hasher hashes what people remember.
type Hasher interface {
	// Hash gives a text from which the secret cannot be had, another one each time.
	Hash(ctx context.Context, secret string) (string, error)
	// Check compares; stale means that Hash makes better ones by now. Both fail
	// with a fault of kind Unavailable where too many wait for theirs.
	Check(ctx context.Context, secret, hash string) (matches, stale bool, err error)
}
