package app

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

// handOver sends the deliveries and says what became of each. Those for whom
// the time ran out are not mentioned: they become due when the lease ends.
func (d *Dispatcher) handOver(ctx context.Context, deliveries []ports.Delivery) []ports.Settlement {
	err := d.notify(ctx, deliveries)
	switch {
	case err == nil:
		return settle(deliveries, func(ports.Delivery) (ports.Fate, time.Duration) { return ports.Delivered, 0 })
	case !errors.Is(err, ports.ErrRefused):
		return settle(deliveries, func(one ports.Delivery) (ports.Fate, time.Duration) { return ports.Retry, pauseAfter(one.Attempt) })
	case len(deliveries) == 1:
		d.Logger.LogAttrs(ctx, slog.LevelError, "alert parked: it will never be taken", slog.Int64("alert_id", deliveries[0].ID),
			slog.String("ticket_id", string(deliveries[0].Alert.TicketID)), slog.Any("error", err))
		return settle(deliveries, func(ports.Delivery) (ports.Fate, time.Duration) { return ports.Parked, 0 })
	case ctx.Err() != nil:
		return nil
	}
	// One bad alert spoils the batch: halving finds it in a few more calls, and the others go through.
	half := len(deliveries) / 2
	return append(d.handOver(ctx, deliveries[:half]), d.handOver(ctx, deliveries[half:])...)
}

func (d *Dispatcher) notify(ctx context.Context, deliveries []ports.Delivery) error {
	limited, cancel := context.WithTimeout(ctx, sendLimit)
	defer cancel()
	alerts := make([]domain.Alert, len(deliveries))
	for i, one := range deliveries {
		alerts[i] = one.Alert
	}
	err := d.Notifier.Notify(limited, alerts)
	switch {
	case err != nil && !errors.Is(err, ports.ErrRefused):
		d.handing.note(ctx, err)
	case d.handing.note(ctx, nil): // it is back: all that waits is due
		d.reading.note(ctx, d.Outbox.Hurry(ctx, everything))
	}
	return err
}

func settle(deliveries []ports.Delivery, fate func(ports.Delivery) (ports.Fate, time.Duration)) []ports.Settlement {
	results := make([]ports.Settlement, len(deliveries))
	for i, one := range deliveries {
		results[i].ID = one.ID
		results[i].Fate, results[i].After = fate(one)
	}
	return results
}

// count tells operators what became of the batch; more, whether anything went
// through, which lets what stood behind it follow.
func (d *Dispatcher) count(deliveries []ports.Delivery, results []ports.Settlement, took time.Duration) (more bool) {
	waited := make(map[int64]time.Duration, len(deliveries))
	for _, one := range deliveries {
		waited[one.ID] = one.Waited + took
	}
	retries := 0
	for _, r := range results {
		switch r.Fate {
		case ports.Delivered:
			d.Telemetry.delivered(waited[r.ID])
		case ports.Parked:
			d.Telemetry.parked()
		case ports.Retry:
			retries++
		}
	}
	d.Telemetry.retried(retries)
	return retries < len(results)
}

// pauseAfter doubles with each attempt; jitter keeps the alerts of one outage from returning together.
func pauseAfter(attempt int) time.Duration {
	pause := lastPause
	if attempt < 9 { // 0.2 s doubled eight times is over 30 s
		pause = min(lastPause, firstPause<<max(0, attempt-1))
	}
	return pause/2 + rand.N(pause/2+1) //nolint:gosec // jitter
}
