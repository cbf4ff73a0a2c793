package app

import (
	"context"
	"log/slog"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
)

// HasPin tells whether the user has set a PIN.
func (a *App) HasPin(ctx context.Context, user domain.UserID) (bool, error) {
	p, err := a.Pins.Pin(ctx, user)
	return p.Hash != "", err
}

// SetPin sets or replaces the user's PIN. The caller has proved lately who they are.
func (a *App) SetPin(ctx context.Context, user domain.UserID, pin string) error {
	if err := domain.CheckPin(pin); err != nil {
		return err
	}
	hash, err := a.Hasher.Hash(ctx, pin)
	if err != nil {
		return err
	}
	_, err = a.Pins.ChangePin(ctx, user, func(p *domain.Pin, _ time.Time) error {
		p.Set(hash)
		return nil
	})
	return err
}

// RemovePin takes the user's PIN away. The caller has proved lately who they are.
func (a *App) RemovePin(ctx context.Context, user domain.UserID) error {
	_, err := a.Pins.ChangePin(ctx, user, func(p *domain.Pin, _ time.Time) error {
		p.Set("")
		return nil
	})
	return err
}

// ending is act for the commands that end a call for help, which takes the PIN
// of a reporter who has set one. Nobody waits for a hash with the ticket locked:
// whether the PIN was needed is asked before, and again once it is locked.
func (a *App) ending(ctx context.Context, caller domain.Caller, id domain.TicketID, command domain.Command, pin string,
	do func(c *domain.Case, by domain.Actor, now time.Time) error,
) (domain.Ticket, error) {
	proven, err := a.prove(ctx, caller, id, command, pin)
	if err != nil {
		return domain.Ticket{}, err
	}
	return a.act(ctx, caller, id, command, keyless(), func(c *domain.Case, by domain.Actor, now time.Time) error {
		if !proven && c.NeedsPin(command, by) {
			return domain.ErrPinRequired
		}
		return do(c, by, now)
	})
}

// prove tells whether the command may end the ticket as far as the PIN goes:
// none is needed or set, or it was given. False where the ticket, as it stood
// a moment ago, needed none.
func (a *App) prove(ctx context.Context, caller domain.Caller, id domain.TicketID, command domain.Command, pin string) (bool, error) {
	c, err := a.Reading.Ticket(ctx, id)
	if err != nil {
		return false, err
	}
	by, err := c.ActorFor(caller)
	if err != nil {
		return false, err
	}
	known, err := a.Pins.Pin(ctx, caller.User)
	switch {
	case err != nil:
		return false, err
	case known.Hash == "":
		return true, nil
	case !c.NeedsPin(command, by):
		return false, nil
	case pin == "":
		return false, domain.ErrPinRequired
	}
	return true, a.tryPin(ctx, caller.User, pin)
}

// tryPin compares after the try has been counted.
func (a *App) tryPin(ctx context.Context, user domain.UserID, pin string) error {
	counted, err := a.Pins.ChangePin(ctx, user, func(p *domain.Pin, now time.Time) error { return p.Try(now) })
	if err != nil {
		return err
	}
	matches := false
	if domain.CheckPin(pin) == nil { // what can be no PIN costs no hashing, and a try
		if matches, _, err = a.Hasher.Check(ctx, pin, counted.Hash); err != nil {
			return err
		}
	}
	if !matches {
		a.Logger.LogAttrs(ctx, slog.LevelInfo, "wrong PIN", slog.Int("tries", counted.Tries))
		return domain.ErrPinWrong
	}
	_, err = a.Pins.ChangePin(ctx, user, func(p *domain.Pin, _ time.Time) error {
		p.Proved(counted.Hash)
		return nil
	})
	return err
}
