package memory

import (
	"context"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
)

// crowd is how many sockets an instance has, until it has to say so again.
type crowd struct {
	sockets int
	until   time.Time
}

// Crowd implements ports.Origins.
func (r *Registry) Crowd(_ context.Context, from domain.Origin, at domain.InstanceID, sockets int, ttl time.Duration) (total int, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.check(); err != nil {
		return 0, err
	}
	if r.crowds[from] == nil {
		r.crowds[from] = map[domain.InstanceID]crowd{}
	}
	r.crowds[from][at] = crowd{sockets, r.now().Add(ttl)}
	for _, c := range r.crowds[from] {
		if r.now().Before(c.until) {
			total += c.sockets
		}
	}
	return total, nil
}
