package app

import (
	"context"
	"log/slog"
	"time"
	"unicode/utf8"

	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

// maxNote is the longest note to a command, in characters.
const maxNote = 2000

// act runs a command in the caller's name, and asks the standbys whether they
// have what it changed: a "resolved" that a failover takes back would wake
// everybody again. Nothing holds the ticket meanwhile.
func (a *App) act(ctx context.Context, caller domain.Caller, id domain.TicketID, command domain.Command, once ports.Repeatable,
	do func(c *domain.Case, by domain.Actor, now time.Time) error,
) (domain.Ticket, error) {
	return a.actAs(ctx, func(c *domain.Case) (domain.Actor, error) { return c.ActorFor(caller) }, id, command, once, do)
}

// actAs is act for whomever who names.
func (a *App) actAs(ctx context.Context, who func(c *domain.Case) (domain.Actor, error), id domain.TicketID, command domain.Command, once ports.Repeatable,
	do func(c *domain.Case, by domain.Actor, now time.Time) error,
) (domain.Ticket, error) {
	for tries := 2; ; tries-- {
		t, err := a.actOnce(ctx, who, id, command, once, do)
		if err != nil {
			return domain.Ticket{}, err
		}
		t.Durability, err = a.Barrier.ConfirmChange(ctx, domain.Change{Ticket: t.ID, Version: t.Version})
		if err == nil {
			return t, nil
		}
		if tries == 1 {
			t.Durability = domain.Unconfirmed // the app asks again
			return t, nil
		}
		a.Logger.LogAttrs(ctx, slog.LevelWarn, "command lost with its machine, and run again", slog.String("ticket_id", string(id)), slog.String("command", string(command)))
	}
}

func (a *App) actOnce(ctx context.Context, who func(c *domain.Case) (domain.Actor, error), id domain.TicketID, command domain.Command, once ports.Repeatable,
	do func(c *domain.Case, by domain.Actor, now time.Time) error,
) (domain.Ticket, error) {
	var live []domain.LiveEvent
	c, err := a.Tickets.Update(ctx, id, once, func(c *domain.Case, now time.Time) error {
		by, err := who(c)
		if err != nil {
			return err
		}
		err = do(c, by, now)
		live = c.Live()
		return err
	})
	if err != nil {
		return domain.Ticket{}, err
	}
	a.Live.show(live...)
	by, err := who(&c) // a repeat of what is done has asked nobody yet
	if err != nil {
		return domain.Ticket{}, err
	}
	a.Logger.LogAttrs(ctx, slog.LevelInfo, "command", slog.String("ticket_id", string(id)), slog.String("command", string(command)),
		slog.String("by", by.Kind()), slog.String("status", string(c.Ticket.Status)))
	return c.Ticket.SeenBy(by), nil
}

func checkNote(note string) error {
	if utf8.RuneCountInString(note) > maxNote {
		return fault.NewInvalid(fault.Field{Field: "note", Code: "too_long", Message: "must have at most 2000 characters"})
	}
	return nil
}
