package ports

import (
	"context"
	"errors"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
)

// Outbox is the queue of alerts that were stored with their tickets.
type Outbox interface {
	// Claim leases up to limit alerts that are due, the longest due first. Of the
	// alerts of one ticket to one recipient only the first that is neither
	// delivered nor parked can be claimed, so their order is kept and another
	// recipient never waits. A lease that ends before Settle makes the alert due again.
	Claim(ctx context.Context, limit int, lease time.Duration) (Claim, error)
	// Settle says what became of claimed alerts. Delivered counts even if the lease
	// has ended; whatever else is said of an alert that somebody else has leased
	// meanwhile is ignored.
	Settle(ctx context.Context, lease string, results []Settlement) error
	// Hurry makes up to limit alerts that wait for another try due now, the oldest first.
	Hurry(ctx context.Context, limit int) error
}

// Claim is a batch under one lease.
type Claim struct {
	Lease      string
	Deliveries []Delivery
	// Unreadable are alerts whose stored form makes no sense to this program.
	Unreadable []int64
}

// Delivery is one alert to be sent.
type Delivery struct {
	ID       int64
	Alert    domain.Alert
	Attempt  int           // 1 at the first
	Waited   time.Duration // since it was queued
	QueuedAt time.Time
	// To is where a recipient without the app is written to, as they agree to now;
	// the zero value where they do not, and of everybody else.
	To domain.Mailbox
	// Name is what the reporter calls such a recipient.
	Name string
	// Trace is what it belongs to: that of the command, or of what the command's
	// timer was set by; "" where nobody follows it.
	Trace string
}

// Fate is what became of a delivery.
type Fate string

// The fates.
const (
	Delivered Fate = "delivered"
	Retry     Fate = "retry"  // due again after Settlement.After
	Parked    Fate = "parked" // refused for good: kept for people to look at
	// Awaiting a channel by which somebody without the app can be told: due again
	// after Settlement.After, but kept and never sent where the ticket has been
	// closed or something newer waits for the same person.
	Awaiting Fate = "awaiting_channel"
	// Unwanted: the recipient takes nothing of us any more; kept.
	Unwanted Fate = "unwanted"
)

// Settlement tells the fate of one delivery.
type Settlement struct {
	ID    int64
	Fate  Fate
	After time.Duration
}

// ErrRefused: the receiver understood and will never take it.
var ErrRefused = errors.New("refused by the receiver")

// Notifier tells people.
type Notifier interface {
	// Notify hands over all alerts or none. It returns nil once the receiver has
	// stored them, fails with ErrRefused where the content of at least one will
	// never be taken, and with any other error where trying again may help.
	// The receiver knows a repeat by ticket, number and recipient.
	Notify(ctx context.Context, alerts []domain.Alert) error
}

// Post writes to people without the app.
type Post interface {
	// Write hands over all letters or none, and fails like Notify. unsent are the
	// places of those on whose channel nothing can be sent now: they are not taken.
	// The receiver knows a repeat by what it is about and the address.
	Write(ctx context.Context, letters []domain.Letter) (unsent []int, err error)
}
