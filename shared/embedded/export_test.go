package embedded

import (
	"context"
	"log/slog"
	"os"
	"syscall"
)

// StartOrphan runs a server on dir as a crashed process would have left it
// behind: nobody holds the folder's lock. ended is closed when it is gone.
func StartOrphan(ctx context.Context, dir string) (pid int, ended <-chan struct{}, err error) {
	c, err := clusterIn(dir)
	if err != nil {
		return 0, nil, err
	}
	p, err := startCluster(ctx, c)
	if err != nil {
		return 0, nil, err
	}
	return p.server.cmd.Process.Pid, p.server.ended, nil
}

// WaysToRunPostgres are those that this process has: root has two.
func WaysToRunPostgres() (map[string]func(ctx context.Context, dir string) error, error) {
	if os.Geteuid() != 0 {
		return map[string]func(context.Context, string) error{"as ourselves": startAs(asOurselves())}, nil
	}
	systemUser, err := asSystemUser()
	return map[string]func(context.Context, string) error{
		"in a user namespace": startAs(identity{attr: renamedRoot, own: asOurselves().own}),
		"as a system user":    startAs(systemUser),
	}, err
}

func startAs(who identity) func(context.Context, string) error {
	return func(ctx context.Context, dir string) error {
		c, err := clusterIn(dir)
		if err != nil {
			return err
		}
		c.who = who
		if _, err := c.create(); err != nil {
			return err
		}
		addr, err := freePort(ctx)
		if err != nil {
			return err
		}
		server, err := c.start(ctx, addr, 0)
		if err != nil {
			return err
		}
		return server.stop(ctx, fastShutdown, syscall.SIGINT)
	}
}

func clusterIn(dir string) (*cluster, error) {
	bin, err := findPostgres()
	if err != nil {
		return nil, err
	}
	return &cluster{bin: bin, dir: dir, logger: slog.New(slog.DiscardHandler)}, prepareFolder(dir)
}
