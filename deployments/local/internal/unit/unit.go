// Package unit keeps one program running: it starts it, says when it is
// healthy, and starts it again when it ends although nobody stopped it.
package unit

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"

	"github.com/loveapp/backend/shared/process"
)

// A crash loop must not eat the machine; a single crash should hardly be felt.
const (
	firstPause   = 100 * time.Millisecond
	longestPause = 5 * time.Second
	settled      = 10 * time.Second // up this long, a crash counts as a first one
	pollEvery    = 20 * time.Millisecond
)

// Spec is what to run.
type Spec struct {
	Name    string
	Command func() *exec.Cmd // its SysProcAttr is set, its output goes to Log
	Log     string           // file
	Healthy func(ctx context.Context) error
	Stop    []syscall.Signal // in turn, each with Grace to work; SIGKILL comes last by itself
	Grace   time.Duration
	// Ended, if set, takes the place of starting again: it is called when the
	// program ended by itself.
	Ended  func()
	Logger *slog.Logger
}

// Unit is a program that is kept running.
type Unit struct {
	spec Spec

	mu       sync.Mutex
	child    *process.Child
	started  time.Time
	starts   int
	restarts int
	stopping chan struct{} // closed by Stop
	watching sync.WaitGroup
}

// New makes a unit that does not run yet.
func New(s Spec) (*Unit, error) {
	if s.Name == "" || s.Command == nil || s.Log == "" || s.Healthy == nil || len(s.Stop) == 0 || s.Logger == nil {
		return nil, errors.New("unit: a name, a command, a log, a health check, a signal and a logger are required")
	}
	return &Unit{spec: s}, nil
}

// Name is the process's name in the stack.
func (u *Unit) Name() string { return u.spec.Name }

// Start runs the program and keeps it running until Stop.
func (u *Unit) Start() error {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.stopping = make(chan struct{})
	return u.launch()
}

func (u *Unit) launch() error {
	log, err := os.OpenFile(u.spec.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("open the log of %s: %w", u.spec.Name, err)
	}
	defer func() { _ = log.Close() }() // the child has its own descriptor
	cmd := u.spec.Command()
	cmd.Stdout, cmd.Stderr = log, log
	child, err := process.Start(cmd)
	if err != nil {
		return fmt.Errorf("start %s: %w", u.spec.Name, err)
	}
	u.child, u.started = child, time.Now()
	u.starts++
	u.watching.Go(func() { u.watch(child) })
	return nil
}

func (u *Unit) watch(child *process.Child) {
	<-child.Ended()
	up := u.uptime()
	if u.stopped() {
		return
	}
	u.spec.Logger.Warn("process ended by itself", "name", u.spec.Name, "pid", child.PID(), "how", child.End().Error(), "up", up)
	if u.spec.Ended != nil {
		u.spec.Ended()
		return
	}
	u.again(up)
}

func (u *Unit) again(up time.Duration) {
	u.mu.Lock()
	if up > settled {
		u.restarts = 0
	}
	pause := min(longestPause, firstPause<<min(u.restarts, 10))
	u.restarts++
	stopping := u.stopping
	u.mu.Unlock()
	select {
	case <-time.After(pause):
	case <-stopping:
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if isClosed(u.stopping) {
		return
	}
	if err := u.launch(); err != nil {
		u.spec.Logger.Error("process cannot be started again", "name", u.spec.Name, "error", err)
	}
}

// AwaitHealthy waits until the program answers, ctx ends, or it has ended and
// nobody starts it again.
func (u *Unit) AwaitHealthy(ctx context.Context) error {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		err := u.Healthy(ctx)
		if err == nil {
			return nil
		}
		if u.spec.Ended != nil && u.PID() == 0 {
			return fmt.Errorf("%s has ended (its log is %s)", u.spec.Name, u.spec.Log)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("%s did not become healthy (its log is %s): %w", u.spec.Name, u.spec.Log, err)
		}
	}
}

// Healthy asks the program.
func (u *Unit) Healthy(ctx context.Context) error {
	if u.PID() == 0 {
		return errors.New("it does not run")
	}
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	return u.spec.Healthy(ctx)
}

// PID is 0 while the program does not run.
func (u *Unit) PID() int {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.child == nil || u.child.Gone() {
		return 0
	}
	return u.child.PID()
}

// Restarts is how often the program has been started again since it last ran for a while.
func (u *Unit) Restarts() int {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.restarts
}

// Forgive forgets earlier crashes: the next one counts as a first one.
func (u *Unit) Forgive() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.restarts = 0
}

// Starts is how often the program has been started in all.
func (u *Unit) Starts() int {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.starts
}

// leave marks the unit as stopped, so that its end is no crash.
func (u *Unit) leave() *process.Child {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.stopping != nil && !isClosed(u.stopping) {
		close(u.stopping)
	}
	return u.child
}

// Kill ends the program at once and leaves it stopped.
func (u *Unit) Kill() {
	if child := u.leave(); child != nil && !child.Gone() {
		_ = syscall.Kill(-child.PID(), syscall.SIGKILL)
	}
	u.watching.Wait()
}

func (u *Unit) uptime() time.Duration {
	u.mu.Lock()
	defer u.mu.Unlock()
	return time.Since(u.started)
}

func (u *Unit) stopped() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return isClosed(u.stopping)
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// Stop ends the program in order and leaves it stopped.
func (u *Unit) Stop(ctx context.Context) error {
	child := u.leave()
	var err error
	if child != nil && !child.Gone() {
		_ = syscall.Kill(-child.PID(), syscall.SIGCONT) // a stopped one hears no signal
		err = child.Stop(ctx, u.spec.Grace, u.spec.Stop...)
	}
	u.watching.Wait()
	if err != nil {
		return fmt.Errorf("%s: %w", u.spec.Name, err)
	}
	return nil
}
