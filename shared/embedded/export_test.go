package embedded

import (
	"context"
	"log/slog"
	"os"
	"syscall"

	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/freeport"
	"github.com/loveapp/backend/shared/process"
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
	return p.server.PID(), p.server.Ended(), nil
}

// WaysToRunPostgres are those that this process has: root has two.
func WaysToRunPostgres() (map[string]func(ctx context.Context, dir string) error, error) {
	if os.Geteuid() != 0 {
		return map[string]func(context.Context, string) error{"as ourselves": startAs(process.AsOurselves())}, nil
	}
	systemUser, err := process.AsSystemUser()
	return map[string]func(context.Context, string) error{
		"in a user namespace": startAs(process.Renamed()),
		"as a system user":    startAs(systemUser),
	}, err
}

func startAs(who process.Identity) func(context.Context, string) error {
	return func(ctx context.Context, dir string) error {
		c, err := clusterIn(dir)
		if err != nil {
			return err
		}
		c.who = who
		if _, err := c.create(); err != nil {
			return err
		}
		reserved, err := freeport.Take() // who is to try another way is not here to try another port
		if err != nil {
			return err
		}
		defer reserved.Release()
		server, err := c.start(ctx, config.HostPort{Host: loopback, Port: reserved.Port}, 0)
		if err != nil {
			return err
		}
		return server.Stop(ctx, fastShutdown, syscall.SIGINT)
	}
}

func clusterIn(dir string) (*cluster, error) {
	bin, err := FindPostgres()
	if err != nil {
		return nil, err
	}
	return &cluster{bin: bin, dir: dir, logger: slog.New(slog.DiscardHandler)}, prepareFolder(dir)
}
