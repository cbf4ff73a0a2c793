package app

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

var errForged = fault.New(fault.Forbidden, "forbidden", "This is for the provider of calls.")

// startCall has the provider called where there is one. Nothing of it is a reason
// to keep anybody from dialling.
func (a *App) startCall(ctx context.Context, caller domain.Caller, ticket domain.TicketID, id domain.CallID) {
	if a.Operator == nil {
		return
	}
	var live []domain.LiveEvent
	started := false
	err := a.Operator.Calls.StartCall(ctx, ticket, func(c *domain.Case, known []domain.PlacedCall, now time.Time) (*domain.PlacedCall, error) {
		by, err := c.ActorFor(caller)
		if err != nil {
			return nil, err
		}
		call := c.StartCall(id, by, known, now)
		live, started = c.Live(), call != nil
		return call, nil
	})
	if err != nil {
		a.Logger.LogAttrs(ctx, slog.LevelWarn, "call not queued", slog.String("ticket_id", string(ticket)), slog.Any("error", err))
		return
	}
	if started {
		a.Live.show(live...)
		a.Operator.wake()
	}
}

// HearCall takes what the provider says of a call. It fails with a fault of kind
// Forbidden where it is not the provider, and with ErrCallNotFound.
func (a *App) HearCall(ctx context.Context, signed ports.SignedEvent) error {
	if a.Operator == nil {
		return domain.ErrCallNotFound
	}
	e, err := a.Operator.Caller.Heard(signed)
	if errors.Is(err, ports.ErrForged) {
		return errForged.WithCause(err)
	}
	if err != nil {
		return err
	}
	var live []domain.LiveEvent
	err = a.Operator.Calls.ChangeCall(ctx, e.Call, func(c *domain.Case, call *domain.PlacedCall, now time.Time) error {
		err := c.CallHeard(call, e, now)
		live = c.Live()
		return err
	})
	if err != nil {
		return err
	}
	a.Live.show(live...)
	a.Logger.LogAttrs(ctx, slog.LevelInfo, "call heard of", slog.String("call_id", string(e.Call)), slog.String("state", string(e.State)))
	return nil
}
