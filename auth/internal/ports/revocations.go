package ports

import (
	"context"
	"time"

	"github.com/loveapp/backend/auth/internal/domain"
)

// Revocations is the feed of what counts no more.
type Revocations interface {
	// After gives at most limit revocations with a revision above after, in
	// order, leaving out those made more than maxAge ago by the store's clock.
	// The page is of one moment: nothing at or below its revision appears later.
	After(ctx context.Context, after int64, maxAge time.Duration, limit int) (domain.RevocationPage, error)
}

// Bulletin carries the news of revocations to other processes faster than their
// next look at the feed. It may lose any of it: the feed is the truth.
type Bulletin interface {
	// Post announces revocations; ttl is how long any token they hit could live.
	Post(ctx context.Context, items []domain.Revocation, ttl time.Duration) error
	// Follow calls onNews after every Post by anybody, and whenever some may have
	// been missed, until ctx ends; then it returns nil.
	Follow(ctx context.Context, onNews func()) error
}
