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

// Harmless are those that no acknowledged call for help may be lost by.
func Harmless(faults []Fault) []Fault {
	return slices.DeleteFunc(slices.Clone(faults), func(f Fault) bool { return f.LosesLocal })
}
