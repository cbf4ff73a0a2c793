package embedded

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os/exec"
	"path/filepath"

	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/pgdata"
	"github.com/loveapp/backend/shared/process"
)

// cluster is one data folder and the programs that can run it.
type cluster struct {
	bin, dir string
	durable  bool
	logger   *slog.Logger
	who      process.Identity
	follow   *Postgres // nil: a server of its own
}

func (c *cluster) data() string    { return filepath.Join(c.dir, "cluster") }
func (c *cluster) logFile() string { return filepath.Join(c.dir, "postgres.log") }

func (c *cluster) programs() pgdata.Programs {
	return pgdata.Programs{Bin: c.bin, Who: c.who, Durable: c.durable}
}

func (c *cluster) program(name string, args ...string) *exec.Cmd {
	return c.programs().Command(c.dir, name, args...)
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
		"wal_retrieve_retry_interval=200ms", // a replica looks for its primary this often, not every 5 s
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
