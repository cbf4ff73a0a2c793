package ports

import (
	"context"
	"errors"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
)

// Calls is the queue of calls that people have asked the provider for.
type Calls interface {
	// StartCall lays the ticket, locked, and its calls so far before start, and
	// stores what it returns; nil is no call. It fails with ErrTicketNotFound.
	StartCall(ctx context.Context, id domain.TicketID, start func(c *domain.Case, known []domain.PlacedCall, now time.Time) (*domain.PlacedCall, error)) error
	// ClaimCalls leases up to limit calls that the provider has not taken and that
	// are due, the oldest first. A lease that ends before PostponeCall or ChangeCall
	// makes the call due again: twice is better than never.
	ClaimCalls(ctx context.Context, limit int, lease time.Duration) ([]ClaimedCall, error)
	// PostponeCall makes the call due again after a while.
	PostponeCall(ctx context.Context, id domain.CallID, after time.Duration) error
	// ChangeCall changes a call and its ticket, both locked, all or nothing. It
	// fails with ErrCallNotFound.
	ChangeCall(ctx context.Context, id domain.CallID, change func(c *domain.Case, call *domain.PlacedCall, now time.Time) error) error
}

// ClaimedCall is a call to be placed.
type ClaimedCall struct {
	domain.PlacedCall

	Attempt int           // 1 at the first
	Age     time.Duration // since it was asked for
}

// Caller makes calls through a provider.
type Caller interface {
	// Place has the provider make a call and gives the provider's name for it. It
	// fails with ErrRefused where the provider will never make this one, and with any
	// other error where trying again may help. The provider does not know repeats.
	Place(ctx context.Context, order domain.CallOrder) (provider string, err error)
	// Heard reads what the provider says of a call. It fails with ErrForged where it
	// is not the provider who says it, of our account.
	Heard(signed SignedEvent) (domain.CallEvent, error)
}

// SignedEvent is a request by which a provider says something.
type SignedEvent struct {
	Path, Query string // as they were requested
	Form        map[string][]string
	Signature   string
}

// ErrForged: it is not who it says it is.
var ErrForged = errors.New("not signed by the provider")
