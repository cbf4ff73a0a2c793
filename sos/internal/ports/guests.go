package ports

import (
	"context"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
)

// MaxClaims is how many tickets one claim takes; another takes the rest.
const MaxClaims = 100

// Guests hands tickets of guests over.
type Guests interface {
	// ClaimTickets stores what claim makes of each ticket of the guest, up to MaxClaims,
	// the open ones first, under user as their reporter: all of them or, where it
	// fails, none. It waits for presses of both, tells how many there were (0 is no
	// error), and fails with ErrOpenTicketExists where user has an open ticket of
	// the same kind as the guest.
	ClaimTickets(ctx context.Context, guest, user domain.UserID, claim func(c *domain.Case, now time.Time) error) (int, error)
}
