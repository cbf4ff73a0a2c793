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
	// included. With the standby's word and a name that makes 4.8 s at worst: a phone gives up
	// after 5 s and dials.
	turnLimit  = 2 * time.Second
	pressLimit = 2 * time.Second
)

// Triggered is what a press led to.
type Triggered struct {
	Ticket           domain.Ticket
	Merged           bool
	Replayed         bool
	Durability       domain.Durability
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
	if key == "" {
		key = a.NewID()
	}
	taken, err := a.store(ctx, key, press)
	if err != nil {
		return Triggered{}, a.untaken(ctx, press, err)
	}
	durability, err := a.confirm(ctx, key, &taken)
	if err != nil {
		return Triggered{}, a.untaken(ctx, press, err)
	}
	a.Telemetry.promised(durability)
	if reporter := &taken.stored.Ticket.Reporter; reporter.Name == "" && !reporter.ID.Guest() {
		reporter.Name = a.Names.Soon(ctx, reporter.ID)
	}
	return Triggered{
		Ticket: taken.stored.Ticket.SeenBy(domain.Actor{Roles: domain.Reporter}), Merged: taken.Merged, Replayed: taken.Replayed, Durability: durability, ContactsNotified: taken.stored.Alarmed(),
		Numbers: domain.EmergencyNumbers(taken.stored.Ticket.Location), Warnings: taken.Warnings,
	}, nil
}

// taken is a press that is stored.
type taken struct {
	domain.Taking

	id     domain.PressID
	press  domain.Press
	stored domain.Case
}

// store is the first step: the alarm goes out with it, whatever becomes of the second.
func (a *App) store(ctx context.Context, key string, press domain.Press) (taken, error) {
	leave, err := a.turns.take(ctx, press.Reporter, turnLimit)
	if err != nil {
		return taken{}, err
	}
	defer leave()
	ctx, cancel := context.WithTimeout(ctx, pressLimit)
	defer cancel()
	t, err := a.press(ctx, key, press)
	if outlived, ok := errors.AsType[*domain.KeyOutlivedError](err); ok {
		t, err = a.press(ctx, key+"\n"+outlived.Date, press) // no client's key holds a line break
	}
	if err != nil {
		return taken{}, err
	}
	a.took(ctx, t)
	return t, nil
}

func (a *App) press(ctx context.Context, key string, press domain.Press) (taken, error) {
	t := taken{id: domain.PressID(a.NameID(string(press.Reporter), key)), press: press}
	var live []domain.LiveEvent
	c, err := a.Tickets.Press(ctx, ports.PressAddress{ID: t.id, Reporter: press.Reporter, Drill: press.Drill, Network: press.Guest.Network()}, func(desk domain.Desk) (*domain.Case, bool, error) {
		var err error
		if t.Taking, err = desk.Take(t.id, press); err == nil {
			live = t.Case.Live()
		}
		return t.Case, t.Merged, err
	})
	if err != nil {
		return taken{}, err // t may still be in somebody's hands
	}
	t.stored = c
	a.Live.show(live...)
	return t, nil
}

// confirm is the second step. Where another machine has taken over that does
// not have the press, the first is done again: the id is the same.
func (a *App) confirm(ctx context.Context, key string, t *taken) (domain.Durability, error) {
	limited, cancel := context.WithTimeout(ctx, barrierLimit) // for both tries
	defer cancel()
	durability, err := a.Barrier.Confirm(limited, t.id)
	if !errors.Is(err, domain.ErrPressLost) {
		return durability, err
	}
	a.Logger.LogAttrs(ctx, slog.LevelWarn, "call for help lost with its machine, and taken again", slog.String("ticket_id", string(t.stored.Ticket.ID)))
	again, err := a.store(ctx, key, t.press)
	if err != nil {
		return "", err
	}
	*t = again
	durability, err = a.Barrier.Confirm(limited, t.id)
	if errors.Is(err, domain.ErrPressLost) {
		return domain.Unconfirmed, nil // the phone asks again
	}
	return durability, err
}

// took tells operators, and those who look up names.
func (a *App) took(ctx context.Context, t taken) {
	ticket, result := t.stored.Ticket, "opened"
	switch {
	case t.Replayed:
		result = "replayed"
	case t.Merged:
		result = "merged"
	case ticket.Reporter.Name != "" && !ticket.Reporter.ID.Guest():
		a.Names.Refresh(ticket.Reporter.ID)
	}
	a.Telemetry.triggered(result)
	a.Logger.LogAttrs(ctx, slog.LevelInfo, "call for help taken", slog.String("ticket_id", string(ticket.ID)), slog.String("result", result),
		slog.String("status", string(ticket.Status)), slog.Int("contacts", t.stored.Alarmed()), slog.Bool("drill", ticket.Drill))
}

// untaken: whatever the reason is, nobody will hear of this press.
func (a *App) untaken(ctx context.Context, press domain.Press, err error) error {
	a.Telemetry.triggered("refused")
	a.Logger.LogAttrs(ctx, slog.LevelError, "call for help not taken", slog.Any("error", err), slog.Bool("drill", press.Drill))
	return domain.Unavailable(press, err)
}
