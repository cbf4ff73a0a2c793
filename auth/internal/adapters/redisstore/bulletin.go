// Package redisstore spreads the news of revocations through Redis. Nothing
// there is the only copy of anything.
package redisstore

import (
	"context"
	"strconv"
	"time"

	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/shared/redispool"
	"github.com/loveapp/backend/shared/token"
)

// blacklist is the prefix of a key that lives as long as any access token of
// that session can: for operators and for readers without a feed.
const blacklist = "blacklist:"

// Bulletin posts revocations and follows those of other processes.
type Bulletin struct{ pool *redispool.Pool }

// NewBulletin works on an open pool.
func NewBulletin(pool *redispool.Pool) *Bulletin { return &Bulletin{pool} }

// Post blacklists the sessions and publishes the newest revision. The news goes
// out first: it is what others wait for.
func (b *Bulletin) Post(ctx context.Context, items []domain.Revocation, ttl time.Duration) error {
	var newest int64
	for _, item := range items {
		newest = max(newest, item.Revision)
	}
	if err := b.pool.Publish(ctx, token.RevocationChannel, strconv.AppendInt(nil, newest, 10)); err != nil {
		return err
	}
	for _, item := range items {
		if item.Session == "" {
			continue
		}
		if _, err := b.pool.Do(ctx, "SET", blacklist+string(item.Session), item.Revision, "PX", ttl.Milliseconds()); err != nil {
			return err
		}
	}
	return nil
}

// Follow hears every post. After a lost connection it asks for a look at the
// feed: what was published meanwhile has not been heard.
func (b *Bulletin) Follow(ctx context.Context, onNews func()) error {
	return b.pool.Subscribe(ctx, []string{token.RevocationChannel}, func(string, []byte) { onNews() }, onNews)
}
