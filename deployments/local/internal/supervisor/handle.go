package supervisor

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"syscall"

	"github.com/loveapp/backend/deployments/local/internal/control"
	"github.com/loveapp/backend/deployments/local/internal/topology"
	"github.com/loveapp/backend/deployments/local/internal/unit"
	"github.com/loveapp/backend/shared/process"
)

// Handle carries out one order.
func (s *Supervisor) Handle(ctx context.Context, req control.Request) control.Answer {
	switch req.Op {
	case control.Status:
		return s.status(ctx)
	case control.Signal:
		return problem(s.signal(req.Name, req.Signal))
	case control.FlushAll:
		return problem(s.redis.FlushAll(ctx))
	case control.Arm:
		return problem(s.arm(req.Name, req.Point))
	case control.Down:
		s.down()
		return control.Answer{}
	default:
		return problem(fmt.Errorf("unknown order %q", req.Op))
	}
}

func problem(err error) control.Answer {
	if err != nil {
		return control.Answer{Error: err.Error()}
	}
	return control.Answer{}
}

func (s *Supervisor) status(ctx context.Context) control.Answer {
	s.mu.Lock()
	a := control.Answer{Phase: s.phase, URL: s.plan.URL()}
	if s.why != nil {
		a.Error = s.why.Error()
	}
	s.mu.Unlock()
	if a.Phase == Up {
		a.Processes = s.processes(ctx)
	}
	return a
}

// processes asks all of them at once: one that hangs costs a second, not one for each.
func (s *Supervisor) processes(ctx context.Context) []control.Process {
	nodes := s.database.Nodes(ctx)
	lines := make([]control.Process, 0, len(nodes)+len(s.services)+topology.RedisNodes+1)
	for i, n := range nodes {
		lines = append(lines, control.Process{Name: n.Name, Role: n.Role, PID: n.PID, Addr: s.plan.DatabaseAddr(i).Addr(), Healthy: n.Healthy == nil})
	}
	var asking sync.WaitGroup
	add := func(u *unit.Unit, line control.Process, role func() string) {
		lines = append(lines, line)
		at := &lines[len(lines)-1]
		asking.Go(func() {
			at.Name, at.PID, at.Restarts, at.Starts, at.Healthy = u.Name(), u.PID(), u.Restarts(), u.Starts(), u.Healthy(ctx) == nil
			if role != nil {
				at.Role = role()
			}
		})
	}
	for i, u := range s.redis.Units() {
		add(u, control.Process{Addr: s.plan.RedisAddr(i).Addr()}, func() string { return s.redis.Role(ctx, i) })
	}
	for _, one := range s.services {
		add(one.unit, control.Process{Role: one.Kind, Addr: one.Addr.Addr(), MetricsAddr: fmt.Sprintf("127.0.0.1:%d", one.MetricsPort)}, nil)
	}
	add(s.nginx, control.Process{Role: "door", Addr: strings.TrimPrefix(s.plan.URL(), "http://")}, nil)
	asking.Wait()
	return lines
}

var signals = map[string]syscall.Signal{
	"KILL": syscall.SIGKILL, "STOP": syscall.SIGSTOP, "CONT": syscall.SIGCONT, "TERM": syscall.SIGTERM,
	"INT": syscall.SIGINT, "QUIT": syscall.SIGQUIT, "HUP": syscall.SIGHUP,
}

// signal reaches the main process. STOP and CONT reach all of a program's
// processes: a server whose backends go on is not frozen.
func (s *Supervisor) signal(name, text string) error {
	sig, ok := signals[strings.TrimPrefix(strings.ToUpper(text), "SIG")]
	if !ok {
		return fmt.Errorf("unknown signal %q", text)
	}
	if sig == syscall.SIGSTOP || sig == syscall.SIGCONT {
		if !s.known(name) {
			return fmt.Errorf("no process %q", name)
		}
		process.SignalFolder(s.plan.Work(name), sig)
		return nil
	}
	for _, p := range s.pids() {
		if p.Name == name {
			if p.PID == 0 {
				return fmt.Errorf("%s does not run", name)
			}
			return syscall.Kill(p.PID, sig)
		}
	}
	return fmt.Errorf("no process %q", name)
}

func (s *Supervisor) known(name string) bool {
	for _, p := range s.pids() {
		if p.Name == name {
			return true
		}
	}
	return false
}

// pids asks nobody for health: a fault that is about to be injected should not wait.
func (s *Supervisor) pids() []control.Process {
	var all []control.Process
	for _, u := range append(append(s.database.Units(), s.redis.Units()...), s.nginx) {
		all = append(all, control.Process{Name: u.Name(), PID: u.PID()})
	}
	for _, one := range s.services {
		all = append(all, control.Process{Name: one.unit.Name(), PID: one.unit.PID()})
	}
	return all
}
