package app

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/loveapp/backend/notification/internal/domain"
)

// Headcounts gives how many connections each instance has, in the order of
// their ids: for administrators.
func (a *App) Headcounts(ctx context.Context) ([]domain.Headcount, error) {
	counts, err := a.registry.Count(ctx)
	if err != nil {
		return nil, err
	}
	held, err := a.registry.Held(ctx, slices.Collect(maps.Keys(counts)))
	if err != nil {
		return nil, err
	}
	instances := map[domain.InstanceID]domain.Headcount{}
	for lease, count := range counts {
		h := instances[lease.Instance]
		h.Instance = lease.Instance
		if held[lease] {
			h.Live += count
		} else {
			h.Ghosts += count
		}
		instances[lease.Instance] = h
	}
	return slices.SortedFunc(maps.Values(instances), func(a, b domain.Headcount) int { return cmp.Compare(a.Instance, b.Instance) }), nil
}

// Standing gives a user's connections, in the order of their ids: for administrators.
func (a *App) Standing(ctx context.Context, user domain.UserID) ([]domain.Standing, error) {
	all, err := a.registry.Of(ctx, []domain.UserID{user})
	if err != nil {
		return nil, err
	}
	leases := make([]domain.Lease, len(all))
	for i, c := range all {
		leases[i] = c.Lease()
	}
	held, err := a.registry.Held(ctx, leases)
	if err != nil {
		return nil, err
	}
	standing := make([]domain.Standing, len(all))
	for i, c := range all {
		standing[i] = domain.Standing{Connection: c, Live: held[c.Lease()]}
	}
	slices.SortFunc(standing, func(a, b domain.Standing) int { return cmp.Compare(a.Socket, b.Socket) })
	return standing, nil
}
