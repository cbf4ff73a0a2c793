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

// hand gives deliveries to whoever carries them: all or none, but for those at
// the places that are unsent, for which there is no channel.
type hand func(ctx context.Context, deliveries []ports.Delivery) (unsent []int, err error)

// handOver sends the deliveries and says what became of each. Those for whom
// the time ran out are not mentioned: they become due when the lease ends.
func (d *Dispatcher) handOver(ctx context.Context, deliveries []ports.Delivery, give hand) []ports.Settlement {
	unsent, err := d.give(ctx, deliveries, give)
	switch {
	case err == nil:
		results := settle(deliveries, func(ports.Delivery) (ports.Fate, time.Duration) { return ports.Delivered, 0 })
		for _, i := range unsent {
			results[i].Fate, results[i].After = ports.Awaiting, channelPause
		}
		return results
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
	return append(d.handOver(ctx, deliveries[:half], give), d.handOver(ctx, deliveries[half:], give)...)
}

func (d *Dispatcher) give(ctx context.Context, deliveries []ports.Delivery, give hand) ([]int, error) {
	limited, cancel := context.WithTimeout(ctx, sendLimit)
	defer cancel()
	limited, deliveries, done := d.Telemetry.handing(limited, deliveries)
	unsent, err := give(limited, deliveries)
	done(err)
	switch {
	case err != nil && !errors.Is(err, ports.ErrRefused):
		d.handing.note(ctx, err)
	case d.handing.note(ctx, nil): // it is back: all that waits is due
		d.reading.note(ctx, d.Outbox.Hurry(ctx, everything))
	}
	return unsent, err
}

// notify is a hand for those who are on the app.
func (d *Dispatcher) notify(ctx context.Context, deliveries []ports.Delivery) ([]int, error) {
	alerts := make([]domain.Alert, len(deliveries))
	for i, one := range deliveries {
		alerts[i] = one.Alert
		alerts[i].Trace = one.Trace
	}
	return nil, d.Notifier.Notify(ctx, alerts)
}

// write is a hand for those who are not.
func (d *Dispatcher) write(ctx context.Context, deliveries []ports.Delivery) ([]int, error) {
	letters, err := d.Letters.For(ctx, deliveries)
	if err != nil {
		return nil, err
	}
	unsent, err := d.Post.Write(ctx, letters)
	if err == nil && len(unsent) > 0 {
		d.writing.note(ctx, errNoChannel)
	} else if err == nil {
		d.writing.note(ctx, nil)
	}
	return unsent, err
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
