// Package process runs programs as children that do not outlive this process,
// and tells whose they are when a crash has left some behind.
package process

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"sync/atomic"
	"syscall"
	"time"
)

// Child is a running server and the goroutine that waits for it.
type Child struct {
	cmd    *exec.Cmd
	ended  chan struct{} // closed once the server is gone
	status error         // how it ended; read after ended
	wanted atomic.Bool   // somebody stops it
}

// Start starts cmd so that it dies with this process and gets none of its
// terminal's signals: Ctrl-C is for us, and the servers are stopped last.
//
// The kernel sends Pdeathsig when the THREAD that forked ends, not the process
// (prctl(2)), so one goroutine keeps its thread from the start to the end.
func Start(cmd *exec.Cmd) (*Child, error) {
	c := &Child{cmd: cmd, ended: make(chan struct{})}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		if err := cmd.Start(); err != nil {
			started <- err
			return
		}
		started <- nil
		c.status = cmd.Wait()
		close(c.ended)
	}()
	return c, <-started
}

// PID is the child's process id, and its group's.
func (c *Child) PID() int { return c.cmd.Process.Pid }

// Ended is closed once the child is gone.
func (c *Child) Ended() <-chan struct{} { return c.ended }

// Run is Start for a command that ends by itself.
func Run(cmd *exec.Cmd) error {
	c, err := Start(cmd)
	if err != nil {
		return err
	}
	<-c.ended
	return c.status
}

// Stop sends the signals in turn, each with its time to work, then kills the
// whole process group. When ctx ends it goes on to the next signal at once.
func (c *Child) Stop(ctx context.Context, grace time.Duration, signals ...syscall.Signal) error {
	c.wanted.Store(true)
	died := false
	for _, sig := range signals {
		if err := c.cmd.Process.Signal(sig); err != nil {
			died = true // by itself; only its end is still to be noted, and what it left behind to be ended
			break
		}
		if c.waited(ctx, grace) {
			return nil
		}
	}
	if c.Gone() {
		return nil
	}
	_ = syscall.Kill(-c.cmd.Process.Pid, syscall.SIGKILL)
	<-c.ended
	if died {
		return nil
	}
	return errors.New("did not stop in time and was killed")
}

func (c *Child) waited(ctx context.Context, grace time.Duration) bool {
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-c.ended:
		return true
	case <-timer.C:
	case <-ctx.Done():
		// Stopping hard at the end of ctx still leaves a moment for it to work.
		select {
		case <-c.ended:
			return true
		case <-time.After(min(grace, time.Second)):
		}
	}
	return c.Gone()
}

// Gone says whether the child has ended.
func (c *Child) Gone() bool {
	select {
	case <-c.ended:
		return true
	default:
		return false
	}
}

// Watch gives one error when the server ends although nobody stops it, and
// closes the channel once it is gone.
func (c *Child) Watch(name string) <-chan error {
	exited := make(chan error, 1)
	go func() {
		defer close(exited)
		<-c.ended
		if !c.wanted.Load() {
			exited <- fmt.Errorf("%s ended by itself: %w", name, c.End())
		}
	}()
	return exited
}

// End says how the child ended; call it after Ended. It is never nil: a server
// that ends with status 0 has still ended.
func (c *Child) End() error {
	if c.status == nil {
		return errors.New("exit status 0")
	}
	return c.status
}
