package app

import (
	"context"
	"sync"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
)

// equip makes what sends, out of what there is to send by.
func (a *App) equip(c Config) {
	a.senders, a.devices, a.people = c.Senders, c.Devices, c.People
	a.escalation, a.backoff, a.telemetry = c.Escalation.WithDefaults(), c.Backoff, c.Telemetry
	if a.backoff == (domain.Backoff{}) {
		a.backoff = domain.DefaultBackoff()
	}
	a.claims = newClaims()
	a.scheduled = make(chan struct{}, 1)
	a.plans = map[bool]chan struct{}{true: make(chan struct{}, 1), false: make(chan struct{}, 1)}
	a.open, a.carriers, a.pumps = map[domain.Channel]bool{}, map[domain.Channel]domain.Provider{}, map[ports.Queue]*pump{}
	for provider, sender := range a.senders {
		channel := provider.Channel()
		a.open[channel] = true
		if channel != domain.Push { // of a push the device says by whom
			a.carriers[channel] = provider
		}
		for _, urgent := range []bool{true, false} {
			q := ports.Queue{Provider: provider, Urgent: urgent}
			a.pumps[q] = a.newPump(q, sender)
		}
	}
}

// followUp does all that follows a notification which nobody acknowledges, until
// ctx ends; what is on its way then is seen through.
func (a *App) followUp(ctx context.Context) {
	var running sync.WaitGroup
	for _, p := range a.pumps {
		running.Go(func() { p.run(ctx) })
	}
	for _, urgent := range []bool{true, false} {
		running.Go(func() { a.follow(ctx, urgent) })
	}
	running.Go(func() { a.watchQueues(ctx) })
	running.Go(func() { a.forget(ctx) })
	var keeping sync.WaitGroup
	until, end := context.WithCancel(context.WithoutCancel(ctx))
	keeping.Go(func() { a.keepClaims(until) })
	running.Wait()
	end()
	keeping.Wait()
}

// prepare says how the draft is followed up.
func (a *App) prepare(d *domain.Draft) {
	d.FollowUp, d.FollowAfter = d.Steps(a.open), a.escalation.First(d.Priority)
}
