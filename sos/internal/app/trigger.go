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
	// turnLimit is how long a press waits for earlier ones of the same person here, and
	// pressLimit how long it may take then, the wait for one on another instance
	// included. A phone gives up after 5 s and dials.
	turnLimit  = 2500 * time.Millisecond
	pressLimit = 2 * time.Second
)

// DurabilityLocal: the ticket is on one machine's disk.
const DurabilityLocal = "local"

// Triggered is what a press led to.
type Triggered struct {
	Ticket           domain.Ticket
	Merged           bool
	Durability       string
	ContactsNotified int // for whom the alarm is queued
	Numbers          []domain.EmergencyNumber
	Warnings         []domain.Warning
}

// Trigger takes a press of the button. key is the client's, "" where it sent
// none. It fails only with fault Unavailable, which says what to dial.
//
// It outlives the request: a phone whose network goes after it has sent has
// called for help nevertheless.
func (a *App) Trigger(ctx context.Context, key string, press domain.Press) (Triggered, error) {
	ctx = context.WithoutCancel(ctx)
	leave, err := a.turns.take(ctx, press.Reporter, turnLimit)
	if err != nil {
		return Triggered{}, a.untaken(ctx, press, err)
	}
	defer leave()
	ctx, cancel := context.WithTimeout(ctx, pressLimit)
	defer cancel()
	if key == "" {
		key = a.NewID()
	}
	c, taking, err := a.press(ctx, key, press)
	if outlived, ok := errors.AsType[*domain.KeyOutlivedError](err); ok {
		c, taking, err = a.press(ctx, key+"\n"+outlived.Date, press) // no client's key holds a line break
	}
	if err != nil {
		return Triggered{}, a.untaken(ctx, press, err)
	}
	return a.triggered(ctx, c, taking), nil
}

func (a *App) press(ctx context.Context, key string, press domain.Press) (domain.Case, domain.Taking, error) {
	id := domain.PressID(a.NameID(string(press.Reporter), key))
	var taking domain.Taking
	c, err := a.Tickets.Press(ctx, ports.PressAddress{ID: id, Reporter: press.Reporter, Drill: press.Drill, Network: press.Guest.Network()}, func(desk domain.Desk) (*domain.Case, bool, error) {
		var err error
		taking, err = desk.Take(id, press)
		return taking.Case, taking.Merged, err
	})
	if err != nil {
		return domain.Case{}, domain.Taking{}, err // taking may still be in somebody's hands
	}
	return c, taking, nil
}

func (a *App) triggered(ctx context.Context, c domain.Case, taking domain.Taking) Triggered {
	result := "opened"
	switch {
	case taking.Replayed:
		result = "replayed"
	case taking.Merged:
		result = "merged"
	case !c.Ticket.Reporter.ID.Guest():
		a.Names.Refresh(c.Ticket.Reporter.ID)
	}
	a.Telemetry.triggered(result)
	a.Logger.LogAttrs(ctx, slog.LevelInfo, "call for help taken", slog.String("ticket_id", string(c.Ticket.ID)), slog.String("result", result),
		slog.String("status", string(c.Ticket.Status)), slog.Int("contacts", c.Alarmed()), slog.Bool("drill", c.Ticket.Drill))
	return Triggered{
		Ticket: c.Ticket.SeenBy(domain.Actor{Roles: domain.Reporter}), Merged: taking.Merged, Durability: DurabilityLocal, ContactsNotified: c.Alarmed(),
		Numbers: domain.EmergencyNumbers(c.Ticket.Location), Warnings: taking.Warnings,
	}
}

// untaken: whatever the reason is, nobody will hear of this press.
func (a *App) untaken(ctx context.Context, press domain.Press, err error) error {
	a.Telemetry.triggered("refused")
	a.Logger.LogAttrs(ctx, slog.LevelError, "call for help not taken", slog.Any("error", err), slog.Bool("drill", press.Drill))
	return domain.Unavailable(press, err)
}
