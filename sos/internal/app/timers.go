package app

import (
	"context"
	"log/slog"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

// timerPoll is how late a timer may be on an idle machine.
const timerPoll = 250 * time.Millisecond

// Clockwork ends countdowns. Every instance runs one; the database lets one of
// them end each.
type Clockwork struct {
	timers    ports.Timers
	logger    *slog.Logger
	telemetry Telemetry
}

// NewClockwork makes it; Run does the work.
func NewClockwork(timers ports.Timers, logger *slog.Logger, telemetry Telemetry) *Clockwork {
	return &Clockwork{timers: timers, logger: logger, telemetry: telemetry}
}

// Run ends what is due until ctx ends.
func (w *Clockwork) Run(ctx context.Context) error {
	tick := time.NewTicker(timerPoll)
	defer tick.Stop()
	health := newMood(w.logger, "reading timers")
	for {
		select {
		case <-tick.C:
			health.note(ctx, w.FireDue(ctx))
		case <-ctx.Done():
			return nil
		}
	}
}

// FireDue ends all that is due now.
func (w *Clockwork) FireDue(ctx context.Context) error {
	for {
		var late time.Duration
		fired, err := w.timers.Fire(ctx, func(c *domain.Case, now time.Time) error {
			if ends := c.Ticket.CountdownEndsAt; ends != nil {
				late = now.Sub(*ends)
			}
			return c.CountdownOver(now)
		})
		if err != nil || !fired {
			return err
		}
		w.telemetry.fired(late)
	}
}
