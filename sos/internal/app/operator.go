package app

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

const (
	// callBatch is how many calls are placed one after the other under one lease.
	callBatch = 5
	// placeLimit bounds one request to the provider, addressLimit the question for
	// the number to join; the lease holds a whole batch of both.
	placeLimit   = 4 * time.Second
	addressLimit = time.Second
	callLease    = 30 * time.Second
	callPoll     = time.Second

	firstRedial = time.Second
	lastRedial  = 10 * time.Second
)

// OperatorConfig is what an Operator needs; all of it.
type OperatorConfig struct {
	Calls     ports.Calls
	Caller    ports.Caller
	Reading   ports.Reading
	Directory ports.Directory
	Logger    *slog.Logger
}

// Operator has the provider make the calls that people have asked for: from a
// queue, so that nobody waits for a provider, and none is forgotten.
type Operator struct {
	OperatorConfig
	woken chan struct{}
	work  *mood
}

// NewOperator refuses a hole.
func NewOperator(c OperatorConfig) (*Operator, error) {
	if c.Calls == nil || c.Caller == nil || c.Reading == nil || c.Directory == nil || c.Logger == nil {
		return nil, errors.New("sos: the operator lacks something it needs")
	}
	return &Operator{OperatorConfig: c, woken: make(chan struct{}, 1), work: newMood(c.Logger, "placing calls")}, nil
}

// Run places calls until ctx ends.
func (o *Operator) Run(ctx context.Context) error {
	tick := time.NewTicker(callPoll)
	defer tick.Stop()
	for {
		for ctx.Err() == nil && o.Round(ctx) {
		}
		select {
		case <-o.woken:
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// wake is for a call that was just queued.
func (o *Operator) wake() {
	select {
	case o.woken <- struct{}{}:
	default: // one that nobody has taken yet is enough
	}
}

// Round claims one batch and places it; more tells whether there may be another.
func (o *Operator) Round(ctx context.Context) (more bool) {
	// What is in hand is finished although the process is to stop.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), callLease)
	defer cancel()
	claimed, err := o.Calls.ClaimCalls(ctx, callBatch, callLease)
	if err != nil {
		o.work.note(ctx, err)
		return false
	}
	for _, call := range claimed {
		o.work.note(ctx, o.carry(ctx, call))
	}
	return len(claimed) == callBatch
}

// carry places one call. Its error is the provider's or the store's; the call is due again by then.
func (o *Operator) carry(ctx context.Context, call ports.ClaimedCall) error {
	c, err := o.Reading.Ticket(ctx, call.Ticket)
	switch {
	case err != nil:
		return err
	case c.Ticket.Status.Closed():
		return o.giveUp(ctx, call, domain.CallOverdue)
	case call.Age > domain.CallWindow:
		return o.giveUp(ctx, call, domain.CallGivenUp)
	}
	limited, cancel := context.WithTimeout(ctx, placeLimit)
	defer cancel()
	provider, err := o.Caller.Place(limited, c.OrderFor(call.PlacedCall, o.numberOf(ctx, call.By)))
	switch {
	case errors.Is(err, ports.ErrRefused):
		o.Logger.LogAttrs(ctx, slog.LevelError, "call refused by the provider", slog.String("call_id", string(call.ID)), slog.Any("error", err))
		return o.giveUp(ctx, call, domain.CallRefused)
	case err != nil:
		return errors.Join(err, o.Calls.PostponeCall(ctx, call.ID, redialAfter(call.Attempt)))
	}
	o.Logger.LogAttrs(ctx, slog.LevelInfo, "call placed", slog.String("ticket_id", string(call.Ticket)), slog.String("call_id", string(call.ID)))
	return o.Calls.ChangeCall(ctx, call.ID, func(c *domain.Case, held *domain.PlacedCall, now time.Time) error {
		return c.CallHeard(held, domain.CallEvent{Call: call.ID, Provider: provider, State: domain.CallPlaced}, now)
	})
}

func (o *Operator) giveUp(ctx context.Context, call ports.ClaimedCall, why domain.CallRefusal) error {
	return o.Calls.ChangeCall(ctx, call.ID, func(c *domain.Case, held *domain.PlacedCall, now time.Time) error {
		c.CallGone(held, why, now)
		return nil
	})
}

// numberOf is the number to join. Without it the call is made nevertheless.
func (o *Operator) numberOf(ctx context.Context, user domain.UserID) string {
	if user.Guest() {
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, addressLimit)
	defer cancel()
	at, err := o.Directory.Addresses(ctx, user)
	if err != nil {
		return ""
	}
	return at.Phone
}

func redialAfter(attempt int) time.Duration {
	const most = 4 // doublings that stay below lastRedial
	return min(lastRedial, firstRedial<<min(max(0, attempt-1), most))
}
