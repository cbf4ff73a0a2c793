package ports

import (
	"context"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
)

// Hops is the queue of plans: what is still to be done about notifications that
// nobody has acknowledged. Intake plans them (domain.Draft.FollowUp) with the
// notification, in one transaction; of what is not urgent only where its user has a
// device that takes pushes, has switched a channel on for the category, or where the
// sender has chosen one that needs no device. The store's clock decides what is due.
type Hops interface {
	// ClaimHops leases plans that are due, of the urgent ones or of the others, the
	// longest due first. Those whose notification was acknowledged, read or deleted,
	// or has expired, have come to their end and are not among them. A lease that
	// ends before Advance makes a plan due again.
	ClaimHops(ctx context.Context, urgent bool, of Claiming) (HopClaim, error)
	// KeepHops has the leases end so long from now, and gives those that do. One
	// that somebody else has claimed since, or that Advance has ended, does not.
	KeepHops(ctx context.Context, held []Held, lease time.Duration) ([]Held, error)
	// Advance stores what became of claimed plans: the deliveries, due at once,
	// and when the next step is. A delivery whose ID is known is left as it is. A
	// plan that somebody else has claimed since, or whose notification was
	// acknowledged meanwhile, gets no deliveries and does not move.
	Advance(ctx context.Context, lease string, moves []domain.Advance) error
}

// Claiming is how much is claimed, and for how long.
type Claiming struct {
	Limit int
	Lease time.Duration
	// Lapsed: also what somebody has claimed and neither finished nor kept.
	Lapsed bool
}

// Held is one thing that is claimed, by the id of a notification or a delivery.
type Held struct{ Lease, ID string }

// HopClaim is a batch under one lease.
type HopClaim struct {
	Lease string
	Plans []domain.Plan
}

// Deliveries is the queue of single messages to single targets, and the log of
// what became of them.
type Deliveries interface {
	// Post queues letters to people without an account; one whose ID is known is
	// left as it is.
	Post(ctx context.Context, letters []domain.Letter) error
	// Due tells which of the queues have something to send now.
	Due(ctx context.Context, of []domain.Provider) ([]Queue, error)
	// ClaimDeliveries leases deliveries of the queue that are due, the longest due
	// first. Those whose notification was acknowledged, read or deleted become
	// domain.Cancelled instead, and those that have expired domain.Expired. A lease
	// that ends before Settle makes a delivery due again.
	ClaimDeliveries(ctx context.Context, from Queue, of Claiming) (DeliveryClaim, error)
	// KeepDeliveries is as KeepHops, until Settle.
	KeepDeliveries(ctx context.Context, held []Held, lease time.Duration) ([]Held, error)
	// Settle says what became of claimed deliveries. domain.Sent counts even when
	// the lease has ended; anything else of a delivery that somebody else has
	// claimed since is ignored. What is settled keeps no address, a dead letter's
	// excepted, and counts no more.
	Settle(ctx context.Context, lease string, outcomes []domain.Outcome) error

	// OfEvent gives the deliveries of a notification, or of all notifications of an
	// event, the oldest first, beginning after a position. It fails with
	// domain.ErrAnnouncementNotFound where there is no such notification.
	OfEvent(ctx context.Context, id string, after domain.Position, limit int) ([]domain.Delivery, error)
	// DeadLetters gives what was refused or given up, the newest first, beginning
	// before a position; its zero value begins at the newest.
	DeadLetters(ctx context.Context, before domain.Position, limit int) ([]domain.Delivery, error)
	// Replay queues a dead letter anew, as if it had just come. It fails with
	// domain.ErrDeliveryNotFound, and with domain.ErrNotDead where it is in
	// another state or its address has been forgotten.
	Replay(ctx context.Context, id domain.DeliveryID) (domain.Delivery, error)
	// Forget removes up to limit deliveries that were settled longer than keep ago,
	// and the addresses of dead letters older than replayable. It tells how many.
	Forget(ctx context.Context, keep, replayable time.Duration, limit int) (int, error)
}

// Queue is what one provider is to send: the urgent, or the rest.
type Queue struct {
	Provider domain.Provider
	Urgent   bool
}

// DeliveryClaim is a batch under one lease.
type DeliveryClaim struct {
	Lease string
	Works []domain.Work
	// Dropped is how many were cancelled or had expired.
	Dropped int
}

// People knows how those with an account can be reached beside the app.
type People interface {
	// Of gives the people that it knows by their ids; of an address only a verified
	// one. At most domain.MaxPeople at once. It fails, soon, when they cannot be
	// looked up: that is no answer.
	Of(ctx context.Context, users []domain.UserID) (map[domain.UserID]domain.Person, error)
}
