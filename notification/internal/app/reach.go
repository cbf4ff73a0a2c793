package app

import (
	"context"
	"slices"

	"github.com/loveapp/backend/notification/internal/domain"
)

// online tells which of the users have a socket open anywhere. Where the
// registry cannot be asked only sockets of this instance count: an alarm that
// comes twice is better than one that waits for nobody.
func (a *App) online(ctx context.Context, plans []domain.Plan) map[domain.UserID]bool {
	users := usersOf(plans, domain.Plan.AsksPresence)
	online := map[domain.UserID]bool{}
	if len(users) == 0 {
		return online
	}
	for _, user := range users {
		online[user] = len(a.roster.of(user)) > 0
	}
	ctx, cancel := context.WithTimeout(ctx, registryTime)
	defer cancel()
	connections, err := a.registry.Of(ctx, users)
	if err != nil {
		return online
	}
	var leases []domain.Lease
	for _, c := range connections {
		leases = append(leases, c.Lease())
	}
	held, err := a.registry.Held(ctx, leases)
	if err != nil {
		return online
	}
	for _, c := range connections {
		online[c.User] = online[c.User] || held[c.Lease()] // a ghost is nobody
	}
	return online
}

// targets gives where the first step of each turn leads. Those whose look-up
// fails are postponed.
func (a *App) targets(ctx context.Context, turns []*turn) map[*turn][]domain.Target {
	targets := map[*turn][]domain.Target{}
	at := func(step domain.Channel) (some []*turn) {
		for _, t := range turns {
			if (t.plan.Steps[0] == domain.Push) == (step == domain.Push) {
				some = append(some, t)
			}
		}
		return some
	}
	a.devicesOf(ctx, at(domain.Push), targets)
	for some := range slices.Chunk(at(domain.SMS), domain.MaxPeople) {
		a.addressesOf(ctx, some, targets)
	}
	return targets
}

func (a *App) devicesOf(ctx context.Context, turns []*turn, targets map[*turn][]domain.Target) {
	if len(turns) == 0 {
		return
	}
	devices, err := a.devices.OfUsers(ctx, usersIn(turns))
	if err != nil {
		a.logger.WarnContext(ctx, "devices could not be read; the step is tried again", "error", err)
		postponed(turns, func(domain.Plan) bool { return true })
		return
	}
	for _, t := range turns {
		for _, device := range devices[t.plan.User] {
			if a.senders[device.Provider] != nil {
				targets[t] = append(targets[t], device.Target())
			}
		}
	}
}

func (a *App) addressesOf(ctx context.Context, turns []*turn, targets map[*turn][]domain.Target) {
	people, err := a.people.Of(ctx, usersIn(turns))
	if err != nil {
		a.logger.WarnContext(ctx, "addresses could not be looked up; the step is tried again", "error", err)
		postponed(turns, func(domain.Plan) bool { return true })
		return
	}
	for _, t := range turns {
		person, channel := people[t.plan.User], t.plan.Steps[0]
		if address := person.At(channel); address != "" && a.carriers[channel] != "" {
			targets[t] = []domain.Target{{Channel: channel, Provider: a.carriers[channel], Address: address, Locale: person.Locale}}
		}
	}
}

func usersIn(turns []*turn) []domain.UserID {
	plans := make([]domain.Plan, len(turns))
	for i, t := range turns {
		plans[i] = t.plan
	}
	return usersOf(plans, func(domain.Plan) bool { return true })
}

// usersOf names the users of the plans, each once.
func usersOf(plans []domain.Plan, which func(domain.Plan) bool) []domain.UserID {
	var users []domain.UserID
	for _, p := range plans {
		if which(p) {
			users = append(users, p.User)
		}
	}
	slices.Sort(users)
	return slices.Compact(users)
}
