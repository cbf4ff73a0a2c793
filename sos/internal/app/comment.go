package app

import (
	"context"
	"strings"
	"time"

	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

// Comment adds a note to the timeline; once makes a repeated request add one.
func (a *App) Comment(ctx context.Context, caller domain.Caller, id domain.TicketID, note string, once ports.Repeatable) (domain.Ticket, error) {
	if strings.TrimSpace(note) == "" {
		return domain.Ticket{}, fault.NewInvalid(fault.Field{Field: "note", Code: "required", Message: "must say something"})
	}
	if err := checkNote(note); err != nil {
		return domain.Ticket{}, err
	}
	return a.act(ctx, caller, id, domain.Comment, once, func(c *domain.Case, by domain.Actor, now time.Time) error {
		return c.Comment(by, note, now)
	})
}
