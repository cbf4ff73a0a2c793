package memory

import (
	"context"
	"sync"
	"time"

	"github.com/loveapp/backend/auth/internal/domain"
)

// Bulletin carries news within one process.
type Bulletin struct {
	mu        sync.Mutex
	followers map[int]func()
	next      int
}

// NewBulletin has no followers yet.
func NewBulletin() *Bulletin { return &Bulletin{followers: map[int]func(){}} }

// Post tells every follower.
func (b *Bulletin) Post(ctx context.Context, _ []domain.Revocation, _ time.Duration) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, onNews := range b.followers {
		onNews()
	}
	return ctx.Err()
}

// Follow listens until ctx ends.
func (b *Bulletin) Follow(ctx context.Context, onNews func()) error {
	b.mu.Lock()
	id := b.next
	b.next++
	b.followers[id] = onNews
	b.mu.Unlock()
	onNews()
	<-ctx.Done()
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.followers, id)
	return nil
}
