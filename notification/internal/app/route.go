package app

import (
	"context"
	"errors"
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
	event         *domain.Event
	closing       *domain.Closing
	erased        domain.UserID
}

// room is the one that the errand is about; "" for none.
func (e errand) room() domain.Room {
	switch {
	case e.event != nil:
		return e.event.Room
	case e.closing != nil:
		return e.closing.Room
	}
	return ""
}

// routerBatch is how many errands share one look into the registry.
const routerBatch = 256

// routeTime bounds that look and the publishing after it. While Redis fails to
// answer, what waits behind is not kept for as long: it goes the other way.
const (
	routeTime = 500 * time.Millisecond
	hastyTime = 100 * time.Millisecond
)

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
	limit := routeTime
	if a.unreachable {
		limit = hastyTime
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	err := a.publish(ctx, batch)
	forgot := errors.Is(err, errForgotten)
	a.unreachable = err != nil && !forgot
	if a.unreachable {
		a.presence.doubt()
	}
	if err != nil {
		a.unrouted(ctx, batch, err)
	}
}

func (a *App) publish(ctx context.Context, batch []errand) error {
	holders, incomplete := a.holders(ctx, batch)
	if incomplete != nil && !errors.Is(incomplete, errForgotten) {
		return incomplete
	}
	signals := address(batch, holders)
	if len(signals) == 0 {
		return incomplete
	}
	if err := a.bus.Publish(ctx, signals); err != nil {
		return err
	}
	a.counters.Routed.Add(int64(len(signals)))
	return incomplete
}

// unrouted: what is critical has gone out as an alert, and the rest goes out as
// one now. Where that is lost too, the sweepers of the other instances find it.
func (a *App) unrouted(ctx context.Context, batch []errand, err error) {
	var alert domain.Alert
	for _, e := range batch {
		if e.event != nil {
			alert.Events = append(alert.Events, *e.event)
		}
		for _, n := range e.notifications {
			if !n.Urgent() {
				alert.Marks = append(alert.Marks, domain.Mark{User: n.User, Newest: n.Seq})
			}
		}
	}
	if !alert.Empty() {
		a.tellAll(alert)
	}
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
		if e.erased != "" {
			users = append(users, e.erased)
		}
	}
	slices.Sort(users)
	return slices.Compact(users)
}

// holders are the other instances to which users and rooms are connected.
type holders struct {
	users map[domain.UserID][]domain.InstanceID
	rooms map[domain.Room][]domain.InstanceID
}

// holders fails with errForgotten where what it gives may not be all.
func (a *App) holders(ctx context.Context, batch []errand) (holders, error) {
	var h holders
	users := concerned(batch)
	connections, err := a.registry.Of(ctx, users)
	if err != nil {
		return h, err
	}
	h.users = a.elsewhere(connections)
	if a.forgotten(ctx, users, connections) {
		err = errForgotten
	}
	rooms := about(batch)
	if len(rooms) == 0 {
		return h, err
	}
	occupants, failed := a.registry.Occupants(ctx, rooms)
	if failed != nil {
		return h, failed
	}
	h.rooms = occupants
	for room, instances := range h.rooms {
		h.rooms[room] = slices.DeleteFunc(instances, func(i domain.InstanceID) bool { return i == a.self })
	}
	return h, err
}

// about names the rooms of the errands, each once.
func about(batch []errand) []domain.Room {
	var rooms []domain.Room
	for _, e := range batch {
		if room := e.room(); room != "" {
			rooms = append(rooms, room)
		}
	}
	slices.Sort(rooms)
	return slices.Compact(rooms)
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
func address(batch []errand, h holders) map[domain.InstanceID]domain.Signal {
	signals := map[domain.InstanceID]domain.Signal{}
	to := func(instance domain.InstanceID, change func(*domain.Signal)) {
		signal := signals[instance]
		change(&signal)
		signals[instance] = signal
	}
	for _, e := range batch {
		for _, n := range e.notifications {
			for _, instance := range h.users[n.User] {
				to(instance, func(s *domain.Signal) { s.Notifications = append(s.Notifications, n) })
			}
		}
		if e.change != nil {
			for _, instance := range h.users[e.change.User] {
				to(instance, func(s *domain.Signal) { s.Changes = append(s.Changes, *e.change) })
			}
		}
		for _, instance := range h.users[e.erased] {
			to(instance, func(s *domain.Signal) { s.Erased = append(s.Erased, e.erased) })
		}
		for _, instance := range h.rooms[e.room()] {
			to(instance, func(s *domain.Signal) {
				if e.event != nil {
					s.Events = append(s.Events, *e.event)
				}
				if e.closing != nil {
					s.Closed = append(s.Closed, *e.closing)
				}
			})
		}
		if len(e.evicted) > 0 {
			to(e.to, func(s *domain.Signal) { s.Evicted = append(s.Evicted, e.evicted...) })
		}
	}
	return signals
}
