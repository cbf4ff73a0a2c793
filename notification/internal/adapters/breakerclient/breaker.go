// Package breakerclient puts a breaker between the service and each provider: one
// that keeps failing is left alone for a while, instead of being asked by
// everything that waits.
package breakerclient

import (
	"context"
	"errors"
	"time"

	"github.com/sony/gobreaker/v2"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
)

var _ ports.Sender = (*Breaker)(nil)

const (
	// tripAfter failures in a row a provider is left alone for restAfter; then one
	// message finds out whether it is back.
	tripAfter = 10
	restAfter = 2 * time.Second
)

// Breaker is a ports.Sender in front of another.
type Breaker struct {
	sender  ports.Sender
	breaker *gobreaker.CircuitBreaker[domain.Handed]
}

// Changed is told when a breaker opens or closes again; nil tells nobody.
type Changed func(provider domain.Provider, open bool)

// New stands in front of the sender.
func New(sender ports.Sender, changed Changed) *Breaker {
	return &Breaker{sender: sender, breaker: gobreaker.NewCircuitBreaker[domain.Handed](gobreaker.Settings{
		Timeout:     restAfter,
		ReadyToTrip: func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= tripAfter },
		// Whatever else a provider answers, it is there.
		IsSuccessful: func(err error) bool {
			failure, told := errors.AsType[*domain.SendError](err)
			return err == nil || told && failure.Kind != domain.Unreachable
		},
		OnStateChange: func(_ string, _, to gobreaker.State) {
			if changed != nil {
				changed(sender.Provider(), to != gobreaker.StateClosed)
			}
		},
	})}
}

// Provider implements ports.Sender.
func (b *Breaker) Provider() domain.Provider { return b.sender.Provider() }

// Resting tells whether the provider is left alone now.
func (b *Breaker) Resting() bool { return b.breaker.State() == gobreaker.StateOpen }

// Send implements ports.Sender.
func (b *Breaker) Send(ctx context.Context, p domain.Parcel) (domain.Handed, error) {
	handed, err := b.breaker.Execute(func() (domain.Handed, error) { return b.sender.Send(ctx, p) })
	if errors.Is(err, gobreaker.ErrOpenState) || errors.Is(err, gobreaker.ErrTooManyRequests) {
		return domain.Handed{}, &domain.SendError{Provider: b.Provider(), Kind: domain.Unreachable, Code: domain.CodeResting, RetryAfter: restAfter}
	}
	return handed, err
}
