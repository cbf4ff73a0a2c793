package app

import (
	"context"
	"slices"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
)

// errand is something that other instances should hear of.
type errand struct {
	notifications []domain.Notification
	change        *domain.Change
	to            domain.InstanceID // of evicted
	evicted       []domain.SocketID
}

// routerBatch is how many errands share one look into the registry.
const routerBatch = 256

// routeTime bounds that look and the publishing after it.
const routeTime = 2 * time.Second

// send queues an errand. Waiting would make a request wait for Redis.
func (a *App) send(e errand) {
	select {
	case a.router <- e:
	default:
		a.counters.QueueOverflows.Add(1)
	}
}

// route finds out which instances hold the users concerned and publishes to
// each of them. One goroutine takes all that waits at once: under load the
// round trips to Redis are shared instead of queued, and order is kept.
func (a *App) route(ctx context.Context) {
	work := context.WithoutCancel(ctx) // what was stored before the end is still told
	for ctx.Err() == nil || len(a.router) > 0 {
		select {
		case e := <-a.router:
			a.routeBatch(work, a.errands(e))
		case <-ctx.Done():
		}
	}
}

func (a *App) errands(first errand) []errand {
	batch := []errand{first}
	for len(batch) < routerBatch {
		select {
		case e := <-a.router:
			batch = append(batch, e)
		default:
			return batch
		}
	}
	return batch
}

func (a *App) routeBatch(ctx context.Context, batch []errand) {
	ctx, cancel := context.WithTimeout(ctx, routeTime)
	defer cancel()
	connections, err := a.registry.Of(ctx, concerned(batch))
	if err != nil {
		a.unrouted(ctx, err)
		return
	}
	signals := address(batch, a.elsewhere(connections))
	if len(signals) == 0 {
		return
	}
	if err := a.bus.Publish(ctx, signals); err != nil {
		a.unrouted(ctx, err)
		return
	}
	a.counters.Routed.Add(int64(len(signals)))
}

// unrouted: nothing is lost, the sweepers of the other instances find it; what
// is critical has gone out as an alert.
func (a *App) unrouted(ctx context.Context, err error) {
	a.counters.RouteFailures.Add(1)
	a.logger.DebugContext(ctx, "other instances could not be told; they will find out by themselves", "error", err)
}

// concerned names the users of the errands, each once.
func concerned(batch []errand) []domain.UserID {
	var users []domain.UserID
	for _, e := range batch {
		for _, n := range e.notifications {
			users = append(users, n.User)
		}
		if e.change != nil {
			users = append(users, e.change.User)
		}
	}
	slices.Sort(users)
	return slices.Compact(users)
}

// elsewhere tells which other instances hold each user.
func (a *App) elsewhere(connections []domain.Connection) map[domain.UserID][]domain.InstanceID {
	holders := map[domain.UserID][]domain.InstanceID{}
	for _, c := range connections {
		if c.Instance != a.self && !slices.Contains(holders[c.User], c.Instance) {
			holders[c.User] = append(holders[c.User], c.Instance)
		}
	}
	return holders
}

// address makes one signal for each instance.
func address(batch []errand, holders map[domain.UserID][]domain.InstanceID) map[domain.InstanceID]domain.Signal {
	signals := map[domain.InstanceID]domain.Signal{}
	to := func(instance domain.InstanceID, change func(*domain.Signal)) {
		signal := signals[instance]
		change(&signal)
		signals[instance] = signal
	}
	for _, e := range batch {
		for _, n := range e.notifications {
			for _, instance := range holders[n.User] {
				to(instance, func(s *domain.Signal) { s.Notifications = append(s.Notifications, n) })
			}
		}
		if e.change != nil {
			for _, instance := range holders[e.change.User] {
				to(instance, func(s *domain.Signal) { s.Changes = append(s.Changes, *e.change) })
			}
		}
		if len(e.evicted) > 0 {
			to(e.to, func(s *domain.Signal) { s.Evicted = append(s.Evicted, e.evicted...) })
		}
	}
	return signals
}
