package app

import (
	"context"
	"log/slog"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

const (
	canaryEvery = time.Minute
	// canaryLimit is how long its alarm may take; it is over before the next one begins.
	canaryLimit = 30 * time.Second
	canaryLook  = 100 * time.Millisecond
)

// Canary calls for help once a minute, as a drill and the whole way, in the name
// of an account that exists for it: silence would otherwise only show when
// somebody needs help. Its contacts are told; the staff only if it is not
// closed in time, because then something is wrong.
type Canary struct {
	app      *App
	auditing ports.Auditing
	account  domain.UserID
	now      func() time.Time
}

// NewCanary makes it; Run does the work. account is whose contacts are told.
func NewCanary(a *App, auditing ports.Auditing, account domain.UserID, now func() time.Time) *Canary {
	return &Canary{app: a, auditing: auditing, account: account, now: now}
}

// Run calls for help each minute until ctx ends.
func (y *Canary) Run(ctx context.Context) error {
	for {
		now := y.now()
		next := now.Truncate(canaryEvery).Add(canaryEvery)
		select {
		case <-time.After(next.Sub(now)):
			y.Sing(ctx)
		case <-ctx.Done():
			return nil
		}
	}
}

// Sing calls once. The key is the minute's, so that of many instances one opens
// the ticket and the others find it.
func (y *Canary) Sing(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, canaryLimit)
	defer cancel()
	began, result := y.now(), "delivered"
	key := "canary " + began.UTC().Truncate(canaryEvery).Format(time.RFC3339)
	taken, err := y.app.Trigger(ctx, key, domain.Press{Reporter: y.account, Type: domain.OtherType, Description: "canary", Drill: true, Canary: true})
	switch {
	case err == nil && taken.Replayed:
		return
	case err != nil:
		result = "refused"
	case !y.delivered(ctx, taken.Ticket.ID):
		result = "late"
	case taken.ContactsNotified == 0:
		result = "nobody"
	}
	took := y.now().Sub(began)
	if err == nil {
		y.close(context.WithoutCancel(ctx), taken.Ticket.ID)
	}
	y.app.Telemetry.canary(result, took)
	severity := slog.LevelInfo
	if result != "delivered" {
		severity = slog.LevelError
	}
	y.app.Logger.LogAttrs(ctx, severity, "canary drill", slog.String("result", result), slog.Int64("took_ms", took.Milliseconds()))
}

// delivered waits until every alarm was handed over.
func (y *Canary) delivered(ctx context.Context, id domain.TicketID) bool {
	tick := time.NewTicker(canaryLook)
	defer tick.Stop()
	for {
		if n, err := y.auditing.Undelivered(ctx, id); err == nil && n == 0 {
			return true
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return false
		}
	}
}

func (y *Canary) close(ctx context.Context, id domain.TicketID) {
	ctx, cancel := context.WithTimeout(ctx, pressLimit)
	defer cancel()
	_, err := y.app.Tickets.Update(ctx, id, keyless(), func(c *domain.Case, now time.Time) error {
		c.Standing.Dispatchers = nil
		return c.Resolve(domain.Actor{User: y.account, Name: c.Ticket.Reporter.Name, Roles: domain.Reporter}, domain.OtherOutcome, "", now)
	})
	if err != nil {
		y.app.Logger.LogAttrs(ctx, slog.LevelError, "canary drill not closed", slog.String("ticket_id", string(id)), slog.Any("error", err))
	}
}
