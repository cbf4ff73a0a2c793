package failure

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/loveapp/backend/test/stack"
)

// Fault is something that operators fear.
type Fault struct {
	Name   string
	Inject func(ctx context.Context, s *stack.Stack) (what string, err error)
	// Lasts is how long until Inject is undone, 0 where there is nothing to undo.
	Lasts time.Duration
	Undo  func(ctx context.Context, s *stack.Stack, what string) error
	// LosesLocal: a call for help that was acknowledged with durability "local"
	// in the moment before may be lost, as that word says.
	LosesLocal bool
}

// Kill is kill -9 of a random process of a role; the stack starts it again.
func Kill(role string) Fault {
	return Fault{Name: "kill " + role, LosesLocal: role == "primary", Inject: func(ctx context.Context, s *stack.Stack) (string, error) {
		name, err := anyOf(ctx, s, role)
		if err != nil {
			return "", err
		}
		return name, s.Signal(ctx, name, "KILL")
	}}
}

// Freeze is SIGSTOP for a while: the process is there and does nothing.
func Freeze(role string, lasts time.Duration) Fault {
	return Fault{
		Name: "freeze " + role, Lasts: lasts, LosesLocal: role == "primary",
		Inject: func(ctx context.Context, s *stack.Stack) (string, error) {
			name, err := anyOf(ctx, s, role)
			if err != nil {
				return "", err
			}
			return name, s.Signal(ctx, name, "STOP")
		},
		Undo: func(ctx context.Context, s *stack.Stack, name string) error { return s.Signal(ctx, name, "CONT") },
	}
}

// FlushAll empties Redis.
func FlushAll() Fault {
	return Fault{Name: "FLUSHALL", Inject: func(ctx context.Context, s *stack.Stack) (string, error) {
		return "redis", s.FlushAll(ctx)
	}}
}

// Slow delays everything between the services and a store for a while.
func Slow(to stack.Link, by, lasts time.Duration) Fault {
	return onLink("slow link", to, lasts, func(s *stack.Stack) error { return s.Slow(to, by) })
}

// Partition lets nothing through between the services and a store for a while.
func Partition(to stack.Link, lasts time.Duration) Fault {
	return onLink("partition", to, lasts, func(s *stack.Stack) error { return s.Cut(to) })
}

func onLink(name string, to stack.Link, lasts time.Duration, spoil func(s *stack.Stack) error) Fault {
	return Fault{
		Name: name, Lasts: lasts,
		Inject: func(_ context.Context, s *stack.Stack) (string, error) { return string(to), spoil(s) },
		Undo:   func(ctx context.Context, s *stack.Stack, _ string) error { return s.Mend(ctx, to) },
	}
}

// anyOf picks a running process.
func anyOf(ctx context.Context, s *stack.Stack, role string) (string, error) {
	processes, err := s.Status(ctx)
	if err != nil {
		return "", err
	}
	processes = slices.DeleteFunc(processes, func(p stack.Process) bool { return p.Role != role || p.PID == 0 })
	if len(processes) == 0 {
		return "", fmt.Errorf("no %s runs", role)
	}
	return processes[rand.IntN(len(processes))].Name, nil //nolint:gosec // no secret
}

// InTurn is each part once, the way the runbooks name them.
func InTurn() []Fault {
	return []Fault{
		Kill("replica"), Kill("gateway"), Kill("notification"), Kill("sos"), Kill("auth"), Kill("master"),
		FlushAll(), Freeze("notification", 3*time.Second), Freeze("replica", 3*time.Second), Kill("primary"), Freeze("primary", 0),
	}
}

// OnLinks are those that need a stack with links.
func OnLinks() []Fault {
	const delay, lasts = 50 * time.Millisecond, 4 * time.Second
	return []Fault{
		Slow(stack.ToPostgres, delay, lasts), Slow(stack.ToRedis, delay, lasts),
		Partition(stack.ToPostgres, lasts), Partition(stack.ToRedis, lasts),
	}
}
