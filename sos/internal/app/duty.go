package app

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

const (
	// dutyRefresh is how soon a new administrator is alarmed, at the latest.
	dutyRefresh = 30 * time.Second
	// dutyRetry is the pause while auth does not answer.
	dutyRetry = 2 * time.Second
	dutyLimit = 3 * time.Second
)

// Duty keeps who the dispatchers are at hand: a call for help is sent to those
// known here, whether or not auth answers just then.
type Duty struct {
	roster ports.Roster
	kept   ports.Dispatchers
	mood   *mood
}

// NewDuty makes it; Run does the work.
func NewDuty(roster ports.Roster, kept ports.Dispatchers, logger *slog.Logger) *Duty {
	return &Duty{roster: roster, kept: kept, mood: newMood(logger, "learning who the staff are")}
}

// Run keeps the list fresh until ctx ends.
func (d *Duty) Run(ctx context.Context) error {
	for {
		wait := dutyRefresh
		err := d.Refresh(ctx)
		if d.mood.note(ctx, err); err != nil {
			wait = dutyRetry
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return nil
		}
	}
}

// Refresh asks auth now. Where that fails the list stays as it was.
func (d *Duty) Refresh(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, dutyLimit)
	defer cancel()
	staff, err := d.roster.Staff(ctx, domain.MaxDispatchers)
	if err != nil {
		return err
	}
	return d.kept.KeepDispatchers(ctx, staff)
}

// knows tells whether the user is a dispatcher, asking auth about those who may be new.
func (d *Duty) knows(ctx context.Context, id domain.UserID) (bool, error) {
	kept, err := d.kept.Dispatchers(ctx)
	if err != nil || slices.Contains(kept, id) {
		return err == nil, err
	}
	d.mood.note(ctx, d.Refresh(ctx))
	kept, err = d.kept.Dispatchers(ctx)
	return slices.Contains(kept, id), err
}
