package losses

import (
	"context"
	"errors"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/redispool"
	"github.com/loveapp/backend/test/failure"
	"github.com/loveapp/backend/test/stack"
)

const (
	// glance is between two looks at the replicas, and stare how long one may take.
	glance = 10 * time.Millisecond
	stare  = 100 * time.Millisecond
)

// MasterDies is the end of a master's machine: it answers nothing for so long, and
// comes back without what it had in memory.
func MasterDies(away time.Duration) failure.Fault {
	f := failure.Freeze("master", away)
	f.Name = "freeze master, then kill it"
	f.Undo = func(ctx context.Context, s *stack.Stack, name string) error { return s.Signal(ctx, name, "KILL") }
	return f
}

// watchPromotion notes in the last event when a replica of Redis becomes a
// master. What it returns ends that, and waits for it.
func (w *world) watchPromotion(ctx context.Context) (end func(), err error) {
	replicas, err := w.replicas(ctx)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for pause(ctx, glance) {
			for _, node := range replicas {
				if isMaster(ctx, node) {
					w.promoted(time.Now())
					return
				}
			}
		}
	}()
	return func() { cancel(); <-done }, nil
}

func (w *world) promoted(at time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.events[len(w.events)-1].promoted = at
}

// replicas are the nodes of Redis that are none of its masters.
func (w *world) replicas(ctx context.Context) (nodes []redispool.Config, err error) {
	secrets, err := w.stack.Secrets()
	if err != nil {
		return nil, err
	}
	processes, err := w.stack.Status(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range processes {
		if !strings.HasPrefix(p.Name, "redis-") || p.Role != "replica" {
			continue
		}
		host, text, err := net.SplitHostPort(p.Addr)
		port, err2 := strconv.Atoi(text)
		if err := errors.Join(err, err2); err != nil {
			return nil, err
		}
		nodes = append(nodes, redispool.Config{Addrs: []config.HostPort{{Host: host, Port: port}}, Password: config.Secret(secrets.Redis)})
	}
	return nodes, nil
}

func isMaster(ctx context.Context, node redispool.Config) bool {
	ctx, cancel := context.WithTimeout(ctx, stare)
	defer cancel()
	text, err := redispool.OnNode(ctx, node, "INFO", "replication")
	return err == nil && strings.Contains(text, "role:master")
}

// overdue is what was shown so late that the way between two instances must have
// been broken.
const overdue = 250 * time.Millisecond

// Dark is what a new master means for those who are connected to another
// instance than the one that has accepted something.
type Dark struct {
	Promoted time.Duration // since the fault; 0: nobody was
	// First and Last, since the promotion, are when the first notification that was
	// accepted after it was shown, and the last one of the window that was overdue.
	First, Last time.Duration
	Overdue     int
	After       Lateness // of what was accepted after it
}

// arrival is a notification on its way between two instances.
type arrival struct{ accepted, shown time.Time }

func darkness(e event, arrivals []arrival) Dark {
	var d Dark
	if e.promoted.IsZero() {
		return d
	}
	d.Promoted = e.promoted.Sub(e.began)
	var first, last time.Time
	var late []time.Duration
	for _, a := range arrivals {
		if a.shown.Sub(a.accepted) > overdue {
			d.Overdue++
			if a.shown.After(last) {
				last = a.shown
			}
		}
		if a.accepted.After(e.promoted) {
			late = append(late, max(0, a.shown.Sub(a.accepted)))
			if first.IsZero() || a.shown.Before(first) {
				first = a.shown
			}
		}
	}
	if !first.IsZero() {
		d.First = first.Sub(e.promoted)
	}
	if !last.IsZero() {
		d.Last = max(0, last.Sub(e.promoted))
	}
	d.After = lateness(late)
	return d
}
