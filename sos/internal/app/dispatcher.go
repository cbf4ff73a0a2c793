package app

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

const (
	// batchSize is the most that the notification service takes at once.
	batchSize = 500
	// leaseTime: when a process dies with alerts in its hands, others take them up after that.
	leaseTime = 5 * time.Second
	// sendLimit bounds one hand-over; the lease holds two.
	sendLimit = 2 * time.Second
	// outboxPoll finds what nobody was woken for.
	outboxPoll = 250 * time.Millisecond
	// probeEvery is how often a receiver that is away is tried, whatever the alerts' own pauses are.
	probeEvery = time.Second
	// senders work side by side, so that one slow hand-over does not hold up the next alarm.
	senders = 2

	firstPause = 200 * time.Millisecond
	lastPause  = 30 * time.Second
	// channelPause is after how long a letter is tried again that nothing could be sent by.
	channelPause = 30 * time.Second
	// everything: after an outage all that waits is due at once.
	everything = 100_000
)

// DispatcherConfig is what a Dispatcher needs; all but Telemetry is required.
type DispatcherConfig struct {
	Outbox    ports.Outbox
	Notifier  ports.Notifier
	Post      ports.Post
	Letters   Letters
	Woken     <-chan struct{} // signalled when alerts were queued
	Now       func() time.Time
	Logger    *slog.Logger
	Telemetry Telemetry
}

// Dispatcher carries alerts from the outbox to the notification service. Every
// instance runs one; leases keep them apart.
type Dispatcher struct {
	DispatcherConfig
	reading *mood
	handing *mood
	writing *mood

	mu     sync.Mutex
	probed time.Time
}

// NewDispatcher refuses a hole.
func NewDispatcher(c DispatcherConfig) (*Dispatcher, error) {
	if c.Outbox == nil || c.Notifier == nil || c.Post == nil || c.Letters.Shares == nil || c.Letters.Links == nil || c.Letters.NameID == nil || c.Woken == nil || c.Now == nil || c.Logger == nil {
		return nil, errors.New("sos: the dispatcher lacks something it needs")
	}
	return &Dispatcher{
		DispatcherConfig: c,
		reading:          newMood(c.Logger, "reading the outbox"),
		handing:          newMood(c.Logger, "handing alerts over"),
		writing:          newMood(c.Logger, "writing to contacts without the app"),
	}, nil
}

// Run carries alerts until ctx ends.
func (d *Dispatcher) Run(ctx context.Context) error {
	var group sync.WaitGroup
	for range senders {
		group.Go(func() { d.send(ctx) })
	}
	group.Wait()
	return nil
}

func (d *Dispatcher) send(ctx context.Context) {
	tick := time.NewTicker(outboxPoll)
	defer tick.Stop()
	for {
		for ctx.Err() == nil && d.Round(ctx) {
		}
		select {
		case <-d.Woken:
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// Round claims one batch and hands it over; more tells whether there may be another.
func (d *Dispatcher) Round(ctx context.Context) (more bool) {
	// What is in hand is finished although the process is to stop.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaseTime)
	defer cancel()
	d.probe(ctx)
	claim, err := d.Outbox.Claim(ctx, batchSize, leaseTime)
	d.reading.note(ctx, err)
	if err != nil || len(claim.Deliveries)+len(claim.Unreadable) == 0 {
		return false
	}
	claimed := d.Now()
	results := d.park(ctx, claim.Unreadable)
	inside, outside, unwanted := sort(claim.Deliveries)
	results = append(results, unwanted...)
	if len(inside) > 0 {
		results = append(results, d.handOver(ctx, inside, d.notify)...)
	}
	if len(outside) > 0 {
		results = append(results, d.handOver(ctx, outside, d.write)...)
	}
	if err := d.Outbox.Settle(ctx, claim.Lease, results); err != nil {
		// The lease ends, the alerts go out again, and the receiver knows a repeat.
		d.reading.note(ctx, err)
		return false
	}
	return d.count(claim.Deliveries, results, d.Now().Sub(claimed))
}

// sort parts what is for the app from what is written to people without it, and
// from what those are not to get who have taken their consent back.
func sort(deliveries []ports.Delivery) (inside, outside []ports.Delivery, unwanted []ports.Settlement) {
	for _, one := range deliveries {
		switch {
		case !one.Alert.Recipient.Outside():
			inside = append(inside, one)
		case one.To == (domain.Mailbox{}):
			unwanted = append(unwanted, ports.Settlement{ID: one.ID, Fate: ports.Unwanted})
		default:
			outside = append(outside, one)
		}
	}
	return inside, outside, unwanted
}

// park puts what no program of this version can send aside.
func (d *Dispatcher) park(ctx context.Context, unreadable []int64) []ports.Settlement {
	var results []ports.Settlement
	for _, id := range unreadable {
		d.Logger.LogAttrs(ctx, slog.LevelError, "alert parked: it cannot be read", slog.Int64("alert_id", id))
		results = append(results, ports.Settlement{ID: id, Fate: ports.Parked})
	}
	return results
}

// probe makes one alert due while the receiver is away, so that its return is
// noticed within a second and not only after the alerts' own pauses.
func (d *Dispatcher) probe(ctx context.Context) {
	if !d.handing.isBad() {
		return
	}
	d.mu.Lock()
	now := d.Now()
	due := now.Sub(d.probed) >= probeEvery
	if due {
		d.probed = now
	}
	d.mu.Unlock()
	if due {
		d.reading.note(ctx, d.Outbox.Hurry(ctx, 1))
	}
}
