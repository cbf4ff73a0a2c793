package app

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

const (
	// timerPoll is how late a timer may be on an idle machine.
	timerPoll = 250 * time.Millisecond
	// timerHands fire side by side: a thousand calls for help in one second are a
	// thousand timers in one second a minute later.
	timerHands = 4
	// maxAside: with more tickets than that in disorder it is the database.
	maxAside = 100
)

// Clockwork ends what is due: countdowns, steps of escalations, the time that
// an acknowledgement or an assignment gives. Every instance runs one; the
// database lets one of them end each.
type Clockwork struct {
	timers    ports.Timers
	live      *Live
	logger    *slog.Logger
	telemetry Telemetry
}

// NewClockwork makes it; Run does the work.
func NewClockwork(timers ports.Timers, live *Live, logger *slog.Logger, telemetry Telemetry) *Clockwork {
	return &Clockwork{timers: timers, live: live, logger: logger, telemetry: telemetry}
}

// Run ends what is due until ctx ends.
func (w *Clockwork) Run(ctx context.Context) error {
	tick := time.NewTicker(timerPoll)
	defer tick.Stop()
	health := newMood(w.logger, "ending timers")
	for {
		select {
		case <-tick.C:
			health.note(ctx, w.FireDue(ctx))
		case <-ctx.Done():
			return nil
		}
	}
}

// FireDue ends all that is due now. One ticket that cannot be handled holds up
// no other; the error names it.
func (w *Clockwork) FireDue(ctx context.Context) error {
	var group sync.WaitGroup
	round := &round{}
	for range timerHands {
		group.Go(func() {
			for w.fire(ctx, round) {
			}
		})
	}
	group.Wait()
	return errors.Join(round.errs...)
}

// fire ends one; more tells whether there may be another.
func (w *Clockwork) fire(ctx context.Context, r *round) (more bool) {
	var (
		before domain.Ticket
		fired  bool
		late   time.Duration
		shown  []domain.LiveEvent
	)
	id, err := w.timers.Fire(ctx, r.aside(), func(c *domain.Case, now time.Time) (err error) {
		before = c.Ticket
		late, fired, err = c.TimerOver(now)
		shown = c.Live()
		return err
	})
	switch {
	case err != nil:
		return r.failed(id, err)
	case fired:
		t, _ := before.Timer()
		w.live.show(shown...)
		w.telemetry.fired(t.Kind, late)
		w.logger.LogAttrs(ctx, slog.LevelInfo, "timer ended", slog.String("ticket_id", string(id)), slog.String("kind", string(t.Kind)),
			slog.Int("step", t.Level), slog.Int("round", t.Round), slog.Int64("late_by_ms", late.Milliseconds()))
	}
	return id != ""
}

// round is one look at all timers by several hands.
type round struct {
	mu   sync.Mutex
	bad  []domain.TicketID
	errs []error
}

func (r *round) aside() []domain.TicketID {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clip(r.bad)
}

// failed sets the ticket aside; where it is not one ticket's fault the round is over.
func (r *round) failed(id domain.TicketID, err error) (more bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.errs = append(r.errs, err)
	if id != "" {
		r.bad = append(r.bad, id)
	}
	return id != "" && len(r.bad) < maxAside
}
