package app

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
)

const (
	// urgentWidth and otherWidth are how many messages of one provider are on
	// their way at once from this instance. A provider that hangs uses up its own.
	urgentWidth = 16
	otherWidth  = 8
	// settleTime bounds the noting of what became of an attempt.
	settleTime = 2 * time.Second
	// settlePause is between two tries to note it.
	settlePause = 200 * time.Millisecond
	// lookPause is when a message is tried again whose device could not be read.
	lookPause = time.Second
)

// pump sends what one queue holds.
type pump struct {
	app    *App
	queue  ports.Queue
	sender ports.Sender
	free   chan struct{} // a place for each message that may be on its way
	woken  chan struct{}
	flying sync.WaitGroup
}

func (a *App) newPump(q ports.Queue, sender ports.Sender) *pump {
	width := otherWidth
	if q.Urgent {
		width = urgentWidth
	}
	return &pump{app: a, queue: q, sender: sender, free: make(chan struct{}, width), woken: make(chan struct{}, 1)}
}

// run sends until ctx ends, and waits for what is on its way.
func (p *pump) run(ctx context.Context) {
	defer p.flying.Wait()
	for {
		for ctx.Err() == nil && p.round(ctx) {
		}
		select {
		case <-p.woken:
		case <-ctx.Done():
			return
		}
	}
}

// round takes as many as there are places for; more tells whether there may be more.
func (p *pump) round(ctx context.Context) (more bool) {
	limit := cap(p.free) - len(p.free)
	if limit == 0 || p.resting() {
		return false // whoever makes a place, or the next look, wakes it
	}
	working, cancel := context.WithTimeout(context.WithoutCancel(ctx), hopTime)
	defer cancel()
	began := p.app.now()
	claim, err := p.app.store.ClaimDeliveries(working, p.queue, ports.Claiming{Limit: limit, Lease: leaseOf(p.queue.Urgent), Lapsed: p.app.claims.trusted(began)})
	if err != nil {
		p.app.logger.DebugContext(ctx, "deliveries could not be read; they are due again soon", "error", err)
		return false
	}
	held := worksHeld(claim)
	p.app.claims.take(held, work{urgent: p.queue.Urgent}, began)
	targets, err := p.targets(working, claim.Works)
	if err != nil {
		p.putBack(working, claim.Lease, claim.Works, lookPause)
		p.app.claims.leave(held...)
		return false
	}
	for i, w := range claim.Works {
		p.free <- struct{}{}
		p.flying.Go(func() {
			p.send(context.WithoutCancel(ctx), claim.Lease, w, targets[w.ID])
			p.app.claims.leave(held[i])
			<-p.free
			wakeUp(p.woken)
		})
	}
	return len(claim.Works)+claim.Dropped == limit
}

// resting: the provider keeps failing, and is left alone for a while.
func (p *pump) resting() bool {
	b, ok := p.sender.(interface{ Resting() bool })
	return ok && b.Resting()
}

// targets says where each goes. A device that is not there any more has none.
func (p *pump) targets(ctx context.Context, works []domain.Work) (map[domain.DeliveryID]domain.Target, error) {
	targets := map[domain.DeliveryID]domain.Target{}
	var users []domain.UserID
	for _, w := range works {
		if w.Device == "" {
			targets[w.ID] = domain.Target{Channel: w.Provider.Channel(), Provider: w.Provider, Address: w.Address, Locale: w.Locale}
			continue
		}
		users = append(users, w.User)
	}
	if len(users) == 0 {
		return targets, nil
	}
	devices, err := p.app.devices.OfUsers(ctx, users)
	for _, w := range works {
		for _, d := range devices[w.User] {
			if d.ID == w.Device && d.Provider == w.Provider {
				targets[w.ID] = d.Target()
			}
		}
	}
	return targets, err
}

// putBack leaves them to whoever comes next; what somebody else has taken over is theirs.
func (p *pump) putBack(ctx context.Context, lease string, works []domain.Work, after time.Duration) {
	outcomes := make([]domain.Outcome, len(works))
	for i, w := range works {
		outcomes[i] = domain.Outcome{ID: w.ID, State: domain.Waiting, After: after, Uncounted: true}
	}
	if err := p.app.store.Settle(ctx, lease, outcomes); err != nil {
		p.app.logger.DebugContext(ctx, "deliveries wait until their lease ends", "error", err)
	}
}

// send hands one message over and notes what became of it. Sent, but not noted,
// it goes out again under the same id. What an instance could not keep, because it
// stood still or was cut off, others may be sending, and it does not.
func (p *pump) send(ctx context.Context, lease string, w domain.Work, to domain.Target) {
	ctx, cancel := context.WithTimeout(ctx, w.Provider.Patience()+settleTime)
	defer cancel()
	if !p.app.claims.holds(ports.Held{Lease: lease, ID: string(w.ID)}, p.app.now()) {
		p.putBack(ctx, lease, []domain.Work{w}, 0)
		return
	}
	following, done := p.app.telemetry.sending(ctx, w)
	outcome := p.attempt(following, w, to)
	done(outcome)
	p.app.telemetry.delivery(p.queue.Provider, outcome)
	for {
		err := p.app.store.Settle(ctx, lease, []domain.Outcome{outcome})
		if err == nil {
			return
		}
		if !sleep(ctx, settlePause) {
			p.app.logger.WarnContext(ctx, "what became of a delivery could not be noted; it goes out again", "delivery_id", string(w.ID), "error", err)
			return
		}
	}
}

func (p *pump) attempt(ctx context.Context, w domain.Work, to domain.Target) domain.Outcome {
	if to.Provider == "" {
		return domain.Outcome{ID: w.ID, State: domain.Removed, Code: "no_device"}
	}
	parcel := p.app.parcel(ctx, w, to)
	limited, cancel := context.WithTimeout(ctx, w.Provider.Patience())
	defer cancel()
	handed, err := p.sender.Send(limited, parcel)
	if err == nil {
		return domain.Outcome{ID: w.ID, State: domain.Sent, ProviderID: handed.ProviderID}
	}
	failure := domain.SendError{Provider: p.queue.Provider, Kind: domain.Unreachable, Code: "interrupted"}
	if told, ok := errors.AsType[*domain.SendError](err); ok {
		failure = *told
	}
	p.app.mourn(ctx, w, to, failure)
	return p.app.backoff.Failed(w, failure, rand.Float64()) //nolint:gosec // jitter
}

// mourn does what a failure asks for beside another try.
func (a *App) mourn(ctx context.Context, w domain.Work, to domain.Target, failure domain.SendError) {
	if failure.Trouble != "" {
		a.logger.ErrorContext(ctx, "a provider cannot be trusted: messages wait", "provider", string(failure.Provider), "error", failure.Trouble)
		return
	}
	switch failure.Kind {
	case domain.Gone:
		if w.Device == "" {
			return
		}
		address := to.Token
		if to.Provider == domain.WebPush {
			address = to.Subscription.Endpoint
		}
		if err := a.devices.Prune(ctx, w.Device, to.Provider, address); err != nil {
			a.logger.WarnContext(ctx, "a dead device could not be removed; the next message to it will", "device_id", string(w.Device), "error", err)
		}
	case domain.Misconfigured:
		a.logger.ErrorContext(ctx, "a provider does not take our credentials: messages wait", "provider", string(failure.Provider), "code", failure.Code)
	case domain.Rejected:
		a.logger.WarnContext(ctx, "a provider will never take a message: dead letter", "provider", string(failure.Provider), "code", failure.Code, "delivery_id", string(w.ID))
	}
}

// wakeSender has a queue looked at now.
func (a *App) wakeSender(q ports.Queue) {
	if p := a.pumps[q]; p != nil {
		wakeUp(p.woken)
	}
}

// watchQueues wakes whoever has something to send: what other instances have
// left, and what was to be tried again.
func (a *App) watchQueues(ctx context.Context) {
	var providers []domain.Provider
	for provider := range a.senders {
		providers = append(providers, provider)
	}
	every(ctx, a.pace.Keep, func(ctx context.Context) {
		ctx, cancel := context.WithTimeout(ctx, hopTime)
		defer cancel()
		queues, err := a.store.Due(ctx, providers)
		a.claims.asked(a.now(), err)
		if err != nil {
			a.logger.DebugContext(ctx, "the queues could not be looked at", "error", err)
			return
		}
		for _, q := range queues {
			a.wakeSender(q)
		}
	})
}
