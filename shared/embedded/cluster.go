package embedded

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/loveapp/backend/shared/process"

	"github.com/loveapp/backend/shared/config"
)

// cluster is one data folder and the programs that can run it.
type cluster struct {
	bin, dir string
	durable  bool
	logger   *slog.Logger
	who      process.Identity
}

func (c *cluster) data() string    { return filepath.Join(c.dir, "cluster") }
func (c *cluster) logFile() string { return filepath.Join(c.dir, "postgres.log") }

func (c *cluster) program(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(c.bin, name), args...) //nolint:gosec // the path was searched for
	cmd.Dir = c.dir
	cmd.Env = append(os.Environ(), "LC_ALL=C", "TZ=UTC")
	return cmd
}

// settings of the server; what is not here is PostgreSQL's default.
func (c *cluster) settings(addr config.HostPort) []string {
	settings := []string{
		"listen_addresses=" + addr.Host,
		fmt.Sprintf("port=%d", addr.Port),
		"unix_socket_directories=", // no second way in, and no file left in /tmp
		"max_connections=320",      // 3 services of 100, and migrations, backups and psql
		"password_encryption=scram-sha-256",
		"logging_collector=off",
		"log_line_prefix=%m [%p] %a ",
		"timezone=UTC",
		"log_timezone=UTC",
	}
	if !c.durable {
		settings = append(settings, "fsync=off", "synchronous_commit=off", "full_page_writes=off")
	}
	return settings
}

// startCluster makes the cluster if need be and runs it; the caller holds the folder's lock.
func startCluster(ctx context.Context, c *cluster) (*Postgres, error) {
	var err error
	if c.who, err = process.ForPostgres(c.bin, c.data()); err != nil {
		return nil, err
	}
	password, err := c.create()
	if err != nil {
		return nil, err
	}
	recycled, err := c.clearOrphan(ctx)
	if err != nil {
		return nil, err
	}
	for range startTries {
		addr, err := freePort(ctx)
		if err != nil {
			return nil, err
		}
		server, err := c.start(ctx, addr, recycled)
		if errors.Is(err, errPortTaken) {
			continue
		}
		if err != nil {
			return nil, err
		}
		return &Postgres{addr: addr, password: password, server: server, exited: server.Watch("embedded PostgreSQL")}, nil
	}
	return nil, errPortTaken
}
