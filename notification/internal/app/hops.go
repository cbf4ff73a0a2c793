package app

import (
	"context"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
)

const (
	// hopBatch is how many plans share the look-ups that a step needs.
	hopBatch = 200
	// hopTime bounds what a round may take.
	hopTime = 4 * time.Second
	// hopPause is when a step is tried again whose look-ups failed.
	hopPause = time.Second
)

// follow fires the steps of what nobody has acknowledged. The urgent ones and
// the others have a goroutine each: no campaign holds up an alarm.
func (a *App) follow(ctx context.Context, urgent bool) {
	tick := time.NewTicker(a.pace.Keep)
	defer tick.Stop()
	woken := a.plans[urgent]
	for {
		for ctx.Err() == nil && a.hopRound(ctx, urgent) {
		}
		select {
		case <-woken:
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// hopRound fires one batch; more tells whether there may be another.
func (a *App) hopRound(ctx context.Context, urgent bool) (more bool) {
	// What is in hand is finished although the process is to stop.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), hopTime)
	defer cancel()
	began := a.now()
	claim, err := a.store.ClaimHops(ctx, urgent, ports.Claiming{Limit: hopBatch, Lease: leaseOf(urgent), Lapsed: a.claims.trusted(began)})
	if err != nil {
		a.logger.DebugContext(ctx, "the plans could not be read; they are due again soon", "error", err)
		return false
	}
	if len(claim.Plans) == 0 {
		return false
	}
	held := plansHeld(claim)
	a.claims.take(held, work{plans: true, urgent: urgent}, began)
	defer a.claims.leave(held...)
	moves := a.decide(ctx, claim.Plans)
	if err := a.store.Advance(ctx, claim.Lease, moves); err != nil {
		a.logger.WarnContext(ctx, "steps could not be stored; they are due again when the lease ends", "error", err)
		return false
	}
	a.fired(moves)
	return len(claim.Plans) == hopBatch
}

// fired wakes who sends, and counts.
func (a *App) fired(moves []domain.Advance) {
	for _, m := range moves {
		for _, d := range m.Deliveries {
			a.wakeSender(ports.Queue{Provider: d.To.Provider, Urgent: m.Plan.Urgent()})
		}
		if len(m.Deliveries) > 0 {
			a.telemetry.hop(m.Deliveries[0].To.Channel, m.Plan.Late)
			a.telemetry.hopped(m)
		}
	}
}

// turn is a plan whose step is being decided.
type turn struct {
	plan domain.Plan // its Steps are what is left
	move domain.Advance
	done bool
}

// decide finds out what the steps need to know, for the whole batch at once, and
// decides. A step that leads nowhere may be followed by the next one at once, so
// there are as many rounds as channels at most.
func (a *App) decide(ctx context.Context, plans []domain.Plan) []domain.Advance {
	turns := make([]*turn, len(plans))
	for i, p := range plans {
		turns[i] = &turn{plan: p, move: domain.Advance{Plan: p}}
	}
	online := a.online(ctx, plans)
	preferences, err := a.preferencesOf(ctx, plans)
	if err != nil {
		postponed(turns, func(p domain.Plan) bool { return !p.Urgent() }) // what is urgent asks nobody's leave
	}
	for left := pending(turns); len(left) > 0; left = pending(turns) {
		targets := a.targets(ctx, left)
		for _, t := range left {
			if !t.done {
				a.step(t, domain.Reach{Online: online[t.plan.User], Targets: targets[t], Preferences: preferences[t.plan.User]})
			}
		}
	}
	moves := make([]domain.Advance, len(turns))
	for i, t := range turns {
		moves[i] = t.move
	}
	return moves
}

func pending(turns []*turn) (left []*turn) {
	for _, t := range turns {
		if !t.done {
			left = append(left, t)
		}
	}
	return left
}

// postponed has the step of those turns tried again soon.
func postponed(turns []*turn, which func(domain.Plan) bool) {
	for _, t := range turns {
		if !t.done && which(t.plan) {
			t.move.Steps, t.move.Looked, t.move.After, t.done = t.plan.Steps, t.plan.Looked, hopPause, true
		}
	}
}

func (a *App) step(t *turn, r domain.Reach) {
	m := a.escalation.Move(t.plan, r)
	for _, to := range m.Deliver {
		id := domain.DeliveryID(a.nameID(string(t.plan.Notification), string(to.Channel)+":"+string(to.Device)+to.Address))
		t.move.Deliveries = append(t.move.Deliveries, domain.NewDelivery{ID: id, To: to, Locale: to.Locale, Bypassed: m.Bypassed})
	}
	t.plan.Steps, t.plan.Looked = m.Steps, m.Looked
	t.move.Steps, t.move.Looked, t.move.After = m.Steps, m.Looked, m.After
	t.done = !m.Again()
}

// preferencesOf gives those of the plans' users who have any.
func (a *App) preferencesOf(ctx context.Context, plans []domain.Plan) (map[domain.UserID]domain.Preferences, error) {
	found, err := a.preferences.Of(ctx, usersOf(plans, func(domain.Plan) bool { return true }))
	if err != nil {
		a.logger.WarnContext(ctx, "preferences could not be read: what is not urgent waits", "error", err)
	}
	return found, err
}
