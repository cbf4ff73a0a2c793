package pgcluster

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/loveapp/backend/deployments/local/internal/topology"
	"github.com/loveapp/backend/deployments/local/internal/unit"
	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/process"
)

const shutdownGrace = 10 * time.Second

// node is one server of the cluster; which role it has is the cluster's affair.
type node struct {
	cluster *Cluster
	index   int
	addr    config.HostPort
	unit    *unit.Unit
	joining sync.Mutex // one attempt at a time
}

func (c *Cluster) newNode(i int) (*node, error) {
	n := &node{cluster: c, index: i, addr: c.plan.DatabaseAddr(i)}
	name := topology.DatabaseName(i)
	var err error
	n.unit, err = unit.New(unit.Spec{
		Name: name, Log: c.plan.Log(name), Command: n.command, Healthy: n.ping, Logger: c.logger,
		Stop: []syscall.Signal{syscall.SIGINT, syscall.SIGQUIT}, Grace: shutdownGrace,
		Ended: func() { c.fenced <- i },
	})
	return n, err
}

func (n *node) dir() string  { return n.cluster.plan.Work(n.unit.Name()) }
func (n *node) data() string { return filepath.Join(n.dir(), "data") }

// slot is also the name under which the node follows a primary.
func (n *node) slot() string { return strings.ReplaceAll(n.unit.Name(), "-", "_") }

func (n *node) program(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(n.cluster.bin, name), args...) //nolint:gosec // the path was searched for
	cmd.Dir = n.dir()
	cmd.Env = append(os.Environ(), "LC_ALL=C", "TZ=UTC", "PGPASSWORD="+n.cluster.plan.Secrets.Database.Value())
	n.cluster.who.Apply(cmd, syscall.SIGKILL)
	return cmd
}

func (n *node) command() *exec.Cmd {
	cmd := n.program("postgres", "-D", n.data())
	for _, setting := range []string{
		"listen_addresses=" + n.addr.Host, fmt.Sprintf("port=%d", n.addr.Port), "unix_socket_directories=",
		"max_connections=400", "wal_level=replica", "hot_standby=on", "wal_keep_size=256MB", "max_wal_senders=10",
		"hot_standby_feedback=on", "wal_receiver_timeout=5s", "wal_sender_timeout=30s", "wal_retrieve_retry_interval=200ms",
		"shared_buffers=256MB", "password_encryption=scram-sha-256", "logging_collector=off", "log_line_prefix=%m [%p] %a ", "timezone=UTC",
	} {
		cmd.Args = append(cmd.Args, "-c", setting)
	}
	n.cluster.who.Apply(cmd, syscall.SIGQUIT) // the server ends its own children
	return cmd
}

// create makes an empty cluster where there is none. It grows under another
// name, so that a crash in between leaves nothing half.
func (n *node) create(_ context.Context) error {
	if err := os.MkdirAll(n.dir(), 0o700); err != nil {
		return fmt.Errorf("make the folder of %s: %w", n.unit.Name(), err)
	}
	if _, err := os.Stat(n.data()); err == nil {
		return nil
	}
	growing, err := n.fresh()
	if err != nil {
		return err
	}
	cmd := n.program("initdb", "-N", "-D", growing, "-U", topology.DatabaseUser, "-A", "scram-sha-256",
		"--pwfile=/dev/stdin", "-E", "UTF8", "--locale=C", "--no-instructions")
	cmd.Stdin = strings.NewReader(n.cluster.plan.Secrets.Database.Value() + "\n")
	if err := n.run(cmd); err != nil {
		return err
	}
	return os.Rename(growing, n.data())
}

// copyFrom makes n a replica of leader, whatever it held before.
func (n *node) copyFrom(_ context.Context, leader *node) error {
	growing, err := n.fresh()
	if err != nil {
		return err
	}
	conn := fmt.Sprintf("host=%s port=%d user=%s application_name=%s", leader.addr.Host, leader.addr.Port, topology.DatabaseUser, n.slot())
	if err := n.run(n.program("pg_basebackup", "-D", growing, "-d", conn, "-R", "-S", n.slot(), "-X", "stream", "-c", "fast", "--no-sync")); err != nil {
		return err
	}
	if err := errors.Join(os.RemoveAll(n.leaderFile()), os.RemoveAll(n.data())); err != nil {
		return fmt.Errorf("remove what %s held: %w", n.unit.Name(), err)
	}
	if err := os.Rename(growing, n.data()); err != nil {
		return fmt.Errorf("name the copy of %s: %w", n.unit.Name(), err)
	}
	return n.nowFollows(leader)
}

func (n *node) fresh() (string, error) {
	growing := n.data() + ".new"
	if err := os.RemoveAll(growing); err != nil {
		return "", fmt.Errorf("remove what a crash left in %s: %w", growing, err)
	}
	if err := os.MkdirAll(growing, 0o700); err != nil {
		return "", fmt.Errorf("make the folder of %s: %w", n.unit.Name(), err)
	}
	return growing, n.cluster.who.Own(n.dir(), growing)
}

func (n *node) run(cmd *exec.Cmd) error {
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := process.Run(cmd); err != nil {
		return fmt.Errorf("%s for %s: %w: %s", filepath.Base(cmd.Path), n.unit.Name(), err, strings.TrimSpace(out.String()))
	}
	return nil
}

// leaderFile remembers whom the node's data follows.
func (n *node) leaderFile() string { return filepath.Join(n.dir(), "leader") }

func (n *node) nowFollows(leader *node) error {
	return os.WriteFile(n.leaderFile(), []byte(leader.unit.Name()), 0o600)
}

// promote makes a replica the primary. From then on it has a history of its own
// and may only come back with a copy, so whom it followed is forgotten first.
func (n *node) promote(ctx context.Context) error {
	if err := os.RemoveAll(n.leaderFile()); err != nil {
		return fmt.Errorf("note that %s leads: %w", n.unit.Name(), err)
	}
	if err := n.exec(ctx, `SELECT pg_promote(true, 20)`); err != nil {
		return fmt.Errorf("promote %s: %w", n.unit.Name(), err)
	}
	return nil
}

// follow points a running replica to another primary.
func (n *node) follow(ctx context.Context, leader *node) error {
	conn := fmt.Sprintf("host=%s port=%d user=%s password=%s application_name=%s",
		leader.addr.Host, leader.addr.Port, topology.DatabaseUser, n.cluster.plan.Secrets.Database.Value(), n.slot())
	if err := n.exec(ctx, `ALTER SYSTEM SET primary_conninfo = '`+conn+`'`); err != nil {
		return err
	}
	if err := n.exec(ctx, `SELECT pg_reload_conf()`); err != nil {
		return err
	}
	return n.nowFollows(leader)
}

func (n *node) followed(leader *node) bool {
	text, err := os.ReadFile(n.leaderFile())
	return err == nil && string(text) == leader.unit.Name()
}

func (n *node) startAndWait(ctx context.Context) error {
	if err := n.unit.Start(); err != nil {
		return err
	}
	return n.unit.AwaitHealthy(ctx)
}

// stop ends every process of the server. A backend has a group of its own, so
// after a crash or a freeze the group of the server does not hold them all.
func (n *node) stop(ctx context.Context) error {
	process.SignalFolder(n.dir(), syscall.SIGCONT)
	err := n.unit.Stop(ctx)
	process.SignalFolder(n.dir(), syscall.SIGKILL)
	return err
}

// fence makes sure that nothing of the server is left: a former primary that
// goes on writing would be the worst that can happen.
func (n *node) fence() {
	n.unit.Kill()
	process.SignalFolder(n.dir(), syscall.SIGKILL)
}

func (n *node) open() (*sqlx.DB, error) {
	return sqlx.Open("postgres", fmt.Sprintf("host=%s port=%d user=%s password=%s dbname=postgres sslmode=disable connect_timeout=1 application_name=stack",
		n.addr.Host, n.addr.Port, topology.DatabaseUser, n.cluster.plan.Secrets.Database.Value()))
}

func (n *node) exec(ctx context.Context, statement string, args ...any) error {
	db, err := n.open()
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	_, err = db.ExecContext(ctx, statement, args...)
	return err
}

func (n *node) ask(ctx context.Context, answer any, query string) error {
	db, err := n.open()
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	return db.GetContext(ctx, answer, query)
}

func (n *node) ping(ctx context.Context) error {
	var one int
	return n.ask(ctx, &one, `SELECT 1`)
}
