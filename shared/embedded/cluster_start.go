package embedded

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/loveapp/backend/shared/process"

	"github.com/loveapp/backend/shared/config"
)

var errPortTaken = errors.New("the ports chosen for the embedded server were all taken")

// pollEvery: a warm start takes 45 ms, so looking more seldom would show.
const pollEvery = 5 * time.Millisecond

// start runs the server and waits until it accepts connections. A recycled pid
// (0 for none) is the one that a stale postmaster.pid names.
func (c *cluster) start(ctx context.Context, addr config.HostPort, recycled int) (*process.Child, error) {
	log, err := openLog(c.logFile())
	if err != nil {
		return nil, err
	}
	defer log.close()
	cmd := c.program("postgres", "-D", c.data())
	for _, setting := range c.settings(addr) {
		cmd.Args = append(cmd.Args, "-c", setting)
	}
	if recycled != 0 {
		// What pg_ctl uses to tell the server which pid cannot be another postmaster.
		cmd.Env = append(cmd.Env, "PG_GRANDPARENT_PID="+strconv.Itoa(recycled))
	}
	cmd.Stdout, cmd.Stderr = log.file, log.file
	c.who.Apply(cmd, syscall.SIGQUIT) // immediate shutdown: the server ends its own children
	server, err := process.Start(cmd)
	if err != nil {
		return nil, fmt.Errorf("start PostgreSQL: %w", err)
	}
	if err := c.awaitReady(ctx, server, log); err != nil {
		_ = server.Stop(context.WithoutCancel(ctx), time.Second, syscall.SIGQUIT)
		return nil, err
	}
	return server, nil
}

// awaitReady reads what pg_ctl --wait reads: the status line of postmaster.pid.
func (c *cluster) awaitReady(ctx context.Context, server *process.Child, log *serverLog) error {
	ctx, cancel := context.WithTimeoutCause(ctx, startLimit, fmt.Errorf("PostgreSQL was not ready after %s", startLimit))
	defer cancel()
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		if pid, status, ok := readPIDFile(c.pidFile()); ok && pid == server.PID() && status == "ready" {
			return nil
		}
		select {
		case <-tick.C:
		case <-server.Ended():
			return log.why(server, "PostgreSQL", "could not bind")
		case <-ctx.Done():
			return fmt.Errorf("start PostgreSQL in %s: %w", c.dir, context.Cause(ctx))
		}
	}
}

func (c *cluster) pidFile() string { return filepath.Join(c.data(), "postmaster.pid") }

// readPIDFile: line 1 is the pid, line 8 the status (miscadmin.h, LOCK_FILE_LINE_PM_STATUS).
func readPIDFile(path string) (pid int, status string, ok bool) {
	text, err := os.ReadFile(path) //nolint:gosec // our own file
	if err != nil {
		return 0, "", false
	}
	lines := strings.Split(string(text), "\n")
	pid, err = strconv.Atoi(strings.TrimSpace(lines[0]))
	if err != nil {
		return 0, "", false
	}
	const statusLine = 8
	if len(lines) >= statusLine {
		status = strings.TrimSpace(lines[statusLine-1])
	}
	return pid, status, true
}
