package ports

import (
	"context"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
)

// Seals keeps the chains that show whether a timeline was changed.
type Seals interface {
	// Seal seals what has happened to up to limit tickets since they were last
	// sealed, and gives how many those were: fewer than limit means that all is
	// sealed. While another process seals it does nothing.
	Seal(ctx context.Context, limit int) (tickets int, err error)
	// Sealed names up to limit tickets that have seals, in the order of their ids, behind the one named after ("" = the first).
	Sealed(ctx context.Context, after domain.TicketID, limit int) ([]domain.TicketID, error)
	// Chain gives a ticket's whole timeline as it is stored, and its seals, both in order.
	Chain(ctx context.Context, id domain.TicketID) ([]domain.Line, []domain.Seal, error)
}

// Limits is for how long personal data is kept after a ticket was closed.
type Limits struct {
	Place time.Duration // then the neighbourhood is left: a hundredth of a degree, about a kilometre
	Phone time.Duration // then a digest of a guest's number is left
}

// Forgotten is what a round of forgetting has done.
type Forgotten struct {
	Places  int // tickets
	Phones  int // tickets
	Answers int
}

// Memories forgets.
type Memories interface {
	// Forget takes up to limit tickets of each kind whose time is over: their
	// places (trail, address, what alerts say of them) become the neighbourhood,
	// guests' numbers what digest makes of them. What was done is kept in a log of
	// its own. Answers that no request is given again go, too: they name people who
	// may be contacts no longer. Fewer than limit means that nothing is left to do. While another
	// process forgets it does nothing.
	Forget(ctx context.Context, limits Limits, limit int, digest func(string) []byte) (Forgotten, error)
}
