package embedded

import (
	"context"
	"syscall"

	"github.com/loveapp/backend/shared/process"
)

// clearOrphan stops a server that still runs on this folder although the
// process that started it is gone (we hold its lock). Where postmaster.pid
// names a process that is no such server, the pid was used again: it is returned.
func (c *cluster) clearOrphan(ctx context.Context) (recycled int, err error) {
	pid, _, ok := readPIDFile(c.pidFile())
	if !ok || !process.Alive(pid) {
		return 0, nil
	}
	if !process.Runs(pid, "postgres", c.data()) {
		return pid, nil
	}
	c.logger.Warn("stopping a database server that an earlier crash left behind", "pid", pid)
	return 0, process.EndOrphan(ctx, pid, syscall.SIGINT, syscall.SIGQUIT)
}
