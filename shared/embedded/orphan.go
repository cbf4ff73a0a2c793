package embedded

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// orphanGrace is what a server that a crash left behind gets to stop in order.
const orphanGrace = 10 * time.Second

// clearOrphan stops a server that still runs on this folder although the
// process that started it is gone (we hold its lock). Where postmaster.pid
// names a process that is no such server, the pid was used again: it is returned.
func (c *cluster) clearOrphan(ctx context.Context) (recycled int, err error) {
	pid, _, ok := readPIDFile(c.pidFile())
	if !ok || !alive(pid) {
		return 0, nil
	}
	if !runs(pid, "postgres", c.data()) {
		return pid, nil
	}
	c.logger.Warn("stopping a database server that an earlier crash left behind", "pid", pid)
	return 0, endOrphan(ctx, pid, syscall.SIGINT, syscall.SIGQUIT)
}

// endOrphan sends the signals in turn until the process is gone.
func endOrphan(ctx context.Context, pid int, signals ...syscall.Signal) error {
	for _, sig := range signals {
		_ = syscall.Kill(pid, sig) // gone is what we want
		if awaitGone(ctx, pid, orphanGrace) {
			return nil
		}
	}
	return fmt.Errorf("an earlier server (pid %d) still runs on the data folder and does not stop: stop it and start again", pid)
}

func awaitGone(ctx context.Context, pid int, limit time.Duration) bool {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for alive(pid) {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return !alive(pid)
		}
	}
	return true
}

// alive: a zombie has ended, though it can still be signalled until its parent looks.
func alive(pid int) bool {
	if pid <= 1 || syscall.Kill(pid, 0) == syscall.ESRCH {
		return false
	}
	stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return true // no /proc here
	}
	_, state, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(state, "Z")
}

// runs says whether pid is the named program working in dir.
func runs(pid int, program, dir string) bool {
	proc := filepath.Join("/proc", strconv.Itoa(pid))
	if cwd, err := os.Readlink(filepath.Join(proc, "cwd")); err == nil {
		name, _ := os.ReadFile(filepath.Join(proc, "comm")) // empty matches nothing
		real, err := filepath.EvalSymlinks(dir)
		return err == nil && cwd == real && strings.HasPrefix(string(name), program)
	}
	// Where there is no /proc, ps knows the program but not its folder.
	out, err := exec.Command("ps", "-o", "command=", "-p", strconv.Itoa(pid)).Output() //nolint:gosec // a number
	return err == nil && strings.Contains(string(out), program)
}
