package ports

import (
	"context"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
)

// Trails keeps the ways of those who called for help.
type Trails interface {
	// Track lays the ticket and the time of its newest fix (zero: there is none)
	// before take, keeps the fixes that it returns and moves the ticket, all or
	// nothing. It gives how many of the fixes are new: of a second that the trail
	// has already the first stays. The ticket's version does not grow. Past
	// domain.MaxTrail the trail is thinned. It fails with ErrTicketNotFound where
	// there is no such ticket; take follows the rules of Tickets.
	Track(ctx context.Context, id domain.TicketID, take func(c *domain.Case, newest, now time.Time) (domain.Tracked, error)) (added int, err error)
	// Trail gives up to limit fixes (at least 2) in the order of their seconds, the first and
	// the newest among them and the others spread evenly, and how many there are.
	Trail(ctx context.Context, id domain.TicketID, limit int) (fixes []domain.Fix, total int, err error)
}
