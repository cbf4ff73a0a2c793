package embedded

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"syscall"
	"time"

	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/process"
)

const (
	postgresUser = "loveapp"
	// startLimit covers crash recovery of a well-filled database, not only a start.
	startLimit = 60 * time.Second
	// fastShutdown is the time PostgreSQL has to end its sessions and write a checkpoint.
	fastShutdown = 10 * time.Second
)

// PostgresOptions say where the data lives and what it is worth.
type PostgresOptions struct {
	// Dir holds the cluster, its password and its log. It is made if need be.
	Dir string
	// Durable keeps every commit across a crash of the machine. Without it
	// nothing is ever flushed: for tests, which throw the folder away.
	Durable bool
	// Follow makes it a replica of this running server, at the first start on Dir; nil: a server of its own.
	Follow *Postgres
	Logger *slog.Logger
}

// Postgres is a private server, a child of this process.
type Postgres struct {
	addr     config.HostPort
	password config.Secret
	lock     *process.FolderLock
	server   *process.Child
	exited   <-chan error
}

// StartPostgres runs a server on the cluster in o.Dir, which it creates at the
// first start, and returns once it accepts connections. It fails in one
// sentence when there is no PostgreSQL, the folder cannot be written, belongs
// to another major version, or is in use by another process.
func StartPostgres(ctx context.Context, o PostgresOptions) (*Postgres, error) {
	if o.Dir == "" || o.Logger == nil {
		return nil, errors.New("embedded: StartPostgres needs Dir and Logger")
	}
	bin, err := FindPostgres()
	if err != nil {
		return nil, err
	}
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return nil, fmt.Errorf("data folder %s: %w", o.Dir, err)
	}
	if err := prepareFolder(dir); err != nil {
		return nil, err
	}
	lock, err := process.LockFolder(dir)
	if err != nil {
		return nil, err
	}
	p, err := startCluster(ctx, &cluster{bin: bin, dir: dir, durable: o.Durable, logger: o.Logger, follow: o.Follow})
	if err != nil {
		lock.Release()
		return nil, err
	}
	p.lock = lock
	return p, nil
}

// HostPort is where it listens.
func (p *Postgres) HostPort() config.HostPort { return p.addr }

// Username is the cluster's superuser.
func (p *Postgres) Username() string { return postgresUser }

// Password is the superuser's, random and kept in the data folder.
func (p *Postgres) Password() config.Secret { return p.password }

// Exited gives one error when the server ends without having been stopped, and
// is closed once it is gone.
func (p *Postgres) Exited() <-chan error { return p.exited }

// Stop ends sessions and the server in order, so that the next start needs no
// recovery; when that takes too long or ctx ends, at once.
func (p *Postgres) Stop(ctx context.Context) error {
	err := p.server.Stop(ctx, fastShutdown, syscall.SIGINT, syscall.SIGQUIT)
	p.lock.Release()
	if err != nil {
		return fmt.Errorf("embedded PostgreSQL: %w", err)
	}
	return nil
}
