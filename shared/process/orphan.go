package process

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

const (
	// orphanGrace is what a server that a crash left behind gets to stop in order.
	orphanGrace = 10 * time.Second
	pollEvery   = 5 * time.Millisecond
)

// EndOrphan stops a process that is no child of ours: it sends the signals in
// turn until it is gone.
func EndOrphan(ctx context.Context, pid int, signals ...syscall.Signal) error {
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
	for Alive(pid) {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return !Alive(pid)
		}
	}
	return true
}

// Alive says whether the process exists. A zombie has ended, though it can still be signalled until its parent looks.
func Alive(pid int) bool {
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

// Runs says whether pid is the named program working in dir.
func Runs(pid int, program, dir string) bool {
	proc := filepath.Join("/proc", strconv.Itoa(pid))
	if cwd, err := os.Readlink(filepath.Join(proc, "cwd")); err == nil {
		name, _ := os.ReadFile(filepath.Join(proc, "comm")) //nolint:gosec // the kernel's; empty matches nothing
		real, err := filepath.EvalSymlinks(dir)
		return err == nil && cwd == real && strings.HasPrefix(string(name), program)
	}
	// Where there is no /proc, ps knows the program but not its folder.
	out, err := exec.Command("ps", "-o", "command=", "-p", strconv.Itoa(pid)).Output() //nolint:gosec // a number
	return err == nil && strings.Contains(string(out), program)
}

// InFolder are the processes that work in dir or below it. A program gets a
// folder of its own, so this finds all of its processes, however it was started
// and whoever is their parent now. Where there is no /proc it finds none.
func InFolder(dir string) []int {
	real, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return nil
	}
	links, _ := filepath.Glob("/proc/[0-9]*/cwd") // the pattern is well-formed
	var pids []int
	for _, link := range links {
		cwd, err := os.Readlink(link)
		if err != nil || cwd != real && !strings.HasPrefix(cwd, real+"/") {
			continue
		}
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(link)))
		if err == nil && pid != os.Getpid() {
			pids = append(pids, pid)
		}
	}
	return pids
}

// SignalFolder signals every process that works in dir or below it.
func SignalFolder(dir string, sig syscall.Signal) {
	for _, pid := range InFolder(dir) {
		_ = syscall.Kill(pid, sig) // gone is as good
	}
}
