package failure

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/loveapp/backend/shared/failpoint"
	"github.com/loveapp/backend/test/stack"
)

// Fault is something that operators fear.
type Fault struct {
	Name   string
	Inject func(ctx context.Context, s *stack.Stack) (what string, err error)
	// Lasts is how long until Inject is undone, 0 where there is nothing to undo.
	Lasts time.Duration
	Undo  func(ctx context.Context, s *stack.Stack, what string) error
	// Kills: a process ends by it, and not because it was told to.
	Kills bool
	// LosesLocal: a call for help that was acknowledged with durability "local"
	// in the moment before may be lost, as that word says.
	LosesLocal bool
}

// Kill is kill -9 of a random process of a role; the stack starts it again.
func Kill(role string) Fault {
	return Fault{Name: "kill " + role, Kills: true, LosesLocal: role == "primary", Inject: func(ctx context.Context, s *stack.Stack) (string, error) {
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

// FreezeAll is Freeze for every process of a role: what they do is gone for a while.
func FreezeAll(role string, lasts time.Duration) Fault {
	all := func(ctx context.Context, s *stack.Stack, names []string, signal string) error {
		var errs []error
		for _, name := range names {
			errs = append(errs, s.Signal(ctx, name, signal))
		}
		return errors.Join(errs...)
	}
	return Fault{
		Name: "freeze every " + role, Lasts: lasts,
		Inject: func(ctx context.Context, s *stack.Stack) (string, error) {
			names, err := allOf(ctx, s, role)
			if err != nil {
				return "", err
			}
			return strings.Join(names, " "), all(ctx, s, names, "STOP")
		},
		Undo: func(ctx context.Context, s *stack.Stack, names string) error {
			return all(ctx, s, strings.Fields(names), "CONT")
		},
	}
}

// dieLimit is how long a point may take to be reached by itself.
const dieLimit = 20 * time.Second

// DieAt is kill -9 of an instance of sos at a point that it reaches by itself,
// soon after the stack has started it for that.
func DieAt(point failpoint.Name) Fault {
	return Fault{Name: "die at " + string(point), Kills: true, Inject: func(ctx context.Context, s *stack.Stack) (string, error) {
		names, err := allOf(ctx, s, "sos")
		if err != nil {
			return "", err
		}
		if point != failpoint.BeforeTimer && point != failpoint.AfterTimer { // which one fires the next timer is not known
			names = []string{names[rand.IntN(len(names))]} //nolint:gosec // no secret
		}
		before, err := starts(ctx, s)
		if err != nil {
			return "", err
		}
		for _, name := range names {
			const most = 3                                                     // times that it is reached
			if err := s.Arm(ctx, name, point, 1+rand.IntN(most)); err != nil { //nolint:gosec // no secret
				return "", err
			}
		}
		return died(ctx, s, names, before)
	}}
}

// died waits for one that was started to die, and started again once it had.
func died(ctx context.Context, s *stack.Stack, names []string, before map[string]int) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, dieLimit)
	defer cancel()
	for {
		now, err := starts(ctx, s)
		if err != nil {
			return "", err
		}
		for _, name := range names {
			if now[name] >= before[name]+2 {
				return name, nil
			}
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return strings.Join(names, " "), fmt.Errorf("%w by %v within %v", ErrNotReached, names, dieLimit)
		}
	}
}

// starts is how often each process has been started.
func starts(ctx context.Context, s *stack.Stack) (map[string]int, error) {
	processes, err := s.Status(ctx)
	counted := map[string]int{}
	for _, p := range processes {
		counted[p.Name] = p.Starts
	}
	return counted, err
}

// Thrice lets every message of sos to notification arrive three times in any order for a while.
func Thrice(lasts time.Duration) Fault {
	return Fault{
		Name: "each message thrice, in any order", Lasts: lasts,
		Inject: func(_ context.Context, s *stack.Stack) (string, error) { return "sos to notification", s.Thrice(true) },
		Undo:   func(_ context.Context, s *stack.Stack, _ string) error { return s.Thrice(false) },
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
	names, err := allOf(ctx, s, role)
	if err != nil {
		return "", err
	}
	return names[rand.IntN(len(names))], nil //nolint:gosec // no secret
}

// allOf are the running processes of a role, one at least.
func allOf(ctx context.Context, s *stack.Stack, role string) (names []string, err error) {
	processes, err := s.Status(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range processes {
		if p.Role == role && p.PID != 0 {
			names = append(names, p.Name)
		}
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("no %s runs", role)
	}
	return names, nil
}

// InTurn is each part once, the way the runbooks name them. For how long what
// comes back is away is the caller's: a short run has no minute to wait.
func InTurn(away time.Duration) []Fault {
	return []Fault{
		Kill("replica"), Kill("gateway"), Kill("notification"), Kill("sos"), Kill("auth"), Kill("master"), FlushAll(),
		Freeze("notification", away), Freeze("replica", away), FreezeAll("replica", away), Freeze("sos", away),
		FreezeAll("notification", away), Freeze("master", away),
		Kill("primary"), Freeze("primary", 0),
	}
}

// Short is one of each kind, for a run that people wait for.
func Short(away time.Duration) []Fault {
	return slices.Concat(
		[]Fault{
			Kill("replica"), Kill("gateway"), Kill("notification"), Kill("auth"), Kill("master"), FlushAll(),
			FreezeAll("replica", away), Freeze("sos", away), FreezeAll("notification", away), Thrice(away),
		},
		AtPoints(),
		[]Fault{Partition(stack.ToPostgres, away), Partition(stack.ToRedis, away), Kill("primary"), Freeze("primary", 0)},
	)
}

// AtPoints are deaths where they hurt, for a stack with failpoints.
func AtPoints() []Fault {
	var faults []Fault
	for _, point := range failpoint.Names() {
		faults = append(faults, DieAt(point))
	}
	return faults
}

// OnLinks are those that need a stack with links.
func OnLinks(lasts time.Duration) []Fault {
	const delay = 50 * time.Millisecond
	return []Fault{
		Thrice(lasts), Slow(stack.ToPostgres, delay, lasts), Slow(stack.ToRedis, delay, lasts),
		Partition(stack.ToPostgres, lasts), Partition(stack.ToRedis, lasts),
	}
}
