package ports

import (
	"context"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
)

// Tickets let a client that cannot send a header open one connection.
type Tickets interface {
	// Issue makes the ticket good for ttl.
	Issue(ctx context.Context, ticket string, p domain.Principal, ttl time.Duration) error
	// Redeem uses it up. It fails with domain.ErrTicketInvalid when the ticket
	// was never issued, was redeemed before or has run out; of any number of
	// calls at once one succeeds.
	Redeem(ctx context.Context, ticket string) (domain.Principal, error)
}
