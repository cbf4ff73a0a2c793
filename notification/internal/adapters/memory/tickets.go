package memory

import (
	"context"
	"sync"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
)

var _ ports.Tickets = (*Tickets)(nil)

// Tickets keeps tickets until they are redeemed or have run out.
type Tickets struct {
	Outage

	now    func() time.Time
	mu     sync.Mutex
	issued map[string]issued
}

type issued struct {
	principal domain.Principal
	until     time.Time
}

// NewTickets makes an empty one.
func NewTickets(now func() time.Time) *Tickets {
	return &Tickets{now: now, issued: map[string]issued{}}
}

// Issue implements ports.Tickets.
func (t *Tickets) Issue(_ context.Context, ticket string, p domain.Principal, ttl time.Duration) error {
	if err := t.check(); err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.issued[ticket] = issued{p, t.now().Add(ttl)}
	return nil
}

// Redeem implements ports.Tickets.
func (t *Tickets) Redeem(_ context.Context, ticket string) (domain.Principal, error) {
	if err := t.check(); err != nil {
		return domain.Principal{}, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	found, ok := t.issued[ticket]
	delete(t.issued, ticket)
	if !ok || !t.now().Before(found.until) {
		return domain.Principal{}, domain.ErrTicketInvalid
	}
	return found.principal, nil
}
