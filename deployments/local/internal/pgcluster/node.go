package pgcluster

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/loveapp/backend/deployments/local/internal/topology"
	"github.com/loveapp/backend/deployments/local/internal/unit"
	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/pgdata"
	"github.com/loveapp/backend/shared/postgres"
	"github.com/loveapp/backend/shared/process"
)

const (
	shutdownGrace = 10 * time.Second
	// fenceLimit is for a process that not even the kernel can end now, because it
	// waits for a disk.
	fenceLimit = 5 * time.Second
	fencePoll  = 5 * time.Millisecond
)

// node is one server of the cluster; which role it has is the cluster's affair.
type node struct {
	cluster *Cluster
	index   int
	addr    config.HostPort
	unit    *unit.Unit
	line    *line
	joining sync.Mutex // one attempt at a time
}

func (c *Cluster) newNode(i int) (*node, error) {
	n := &node{cluster: c, index: i, addr: c.plan.DatabaseAddr(i)}
	name := topology.DatabaseName(i)
	var err error
	n.unit, err = unit.New(unit.Spec{
		Name: name, Log: c.plan.Log(name), Command: n.command, Healthy: n.ping, Logger: c.logger,
		Stop: []syscall.Signal{syscall.SIGINT, syscall.SIGQUIT}, Grace: shutdownGrace,
		Ended: func() { c.gone <- i },
	})
	if err != nil {
		return nil, err
	}
	n.line, err = c.newLine(n)
	return n, err
}

func (n *node) dir() string  { return n.cluster.plan.Work(n.unit.Name()) }
func (n *node) data() string { return filepath.Join(n.dir(), "data") }

// slot is also the name under which the node follows a primary.
func (n *node) slot() string { return strings.ReplaceAll(n.unit.Name(), "-", "_") }

func (n *node) command() *exec.Cmd {
	cmd := n.cluster.programs.Command(n.dir(), "postgres", "-D", n.data())
	for _, setting := range []string{
		"listen_addresses=" + n.addr.Host, fmt.Sprintf("port=%d", n.addr.Port), "unix_socket_directories=",
		"max_connections=400", "wal_level=replica", "hot_standby=on", "wal_keep_size=256MB", "max_wal_senders=10",
		// Without feedback: with it the primary keeps, for up to ten seconds, every row version
		// that a replica might look at, and queues (outbox, timers) are read through all of them.
		// The replicas' queries are short; one that is in replay's way for a second is asked elsewhere.
		"hot_standby_feedback=off", "max_standby_streaming_delay=1s", "wal_retrieve_retry_interval=200ms",
		// Each side asks for a sign of life after half of its time: a primary that lives is heard every 2 s.
		"wal_receiver_timeout=4s", "wal_sender_timeout=4s",
		"shared_buffers=256MB", "password_encryption=scram-sha-256", "logging_collector=off", "log_line_prefix=%m [%p] %a ", "timezone=UTC",
	} {
		cmd.Args = append(cmd.Args, "-c", setting)
	}
	n.cluster.programs.Who.Apply(cmd, syscall.SIGQUIT) // the server ends its own children
	return cmd
}

// create makes an empty cluster where there is none.
func (n *node) create() error {
	if err := os.MkdirAll(n.dir(), 0o700); err != nil {
		return fmt.Errorf("make the folder of %s: %w", n.unit.Name(), err)
	}
	if _, err := os.Stat(n.data()); err == nil {
		return nil
	}
	return n.cluster.programs.Create(n.data(), n.cluster.login())
}

// copyFrom makes n a replica of leader, whatever it held before.
func (n *node) copyFrom(leader *node) error {
	if err := os.MkdirAll(n.dir(), 0o700); err != nil {
		return fmt.Errorf("make the folder of %s: %w", n.unit.Name(), err)
	}
	if err := os.RemoveAll(n.leaderFile()); err != nil {
		return fmt.Errorf("forget whom %s followed: %w", n.unit.Name(), err)
	}
	if err := n.cluster.programs.Copy(n.data(), n.as(leader)); err != nil {
		return err
	}
	return n.nowFollows(leader)
}

// as is leader as n sees it: n has a slot there, and goes by its name.
func (n *node) as(leader *node) pgdata.Source {
	return pgdata.Source{Login: n.cluster.login(), Addr: leader.addr, Name: n.slot(), Slot: n.slot()}
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
	if err := n.line.use(ctx, func(db *sql.DB) error { return postgres.Promote(ctx, db) }); err != nil {
		return fmt.Errorf("promote %s: %w", n.unit.Name(), err)
	}
	return nil
}

// pointTo lets a running replica follow another primary.
func (n *node) pointTo(ctx context.Context, leader *node) error {
	if err := n.line.use(ctx, func(db *sql.DB) error { return postgres.Follow(ctx, db, n.as(leader)) }); err != nil {
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

// fence returns when nothing of the server is left: a former primary that goes on
// writing would be the worst that can happen, and a new server does not start
// while a process of the old one holds its memory.
func (n *node) fence() {
	n.unit.Kill()
	tick := time.NewTicker(fencePoll)
	defer tick.Stop()
	for limit := time.Now().Add(fenceLimit); len(process.InFolder(n.dir())) > 0 && time.Now().Before(limit); {
		process.SignalFolder(n.dir(), syscall.SIGKILL)
		<-tick.C
	}
}

func (n *node) exec(ctx context.Context, statement string, args ...any) error {
	return n.line.use(ctx, func(db *sql.DB) error {
		_, err := db.ExecContext(ctx, statement, args...)
		return err
	})
}

func (n *node) ask(ctx context.Context, answer any, query string) error {
	return n.line.use(ctx, func(db *sql.DB) error { return db.QueryRowContext(ctx, query).Scan(answer) })
}

// ping asks as a client would, with a connection of its own. The driver waits for
// an answer as long as the connection lives, and that of a server that was frozen
// lives until it is fenced: the question is left behind then.
func (n *node) ping(ctx context.Context) error {
	db, err := postgres.OpenLogin(n.cluster.adminConfig(n.addr, "postgres"))
	if err != nil {
		return err
	}
	pinged := make(chan error, 1)
	go func() {
		_, err := db.ExecContext(ctx, `SELECT 1`)
		_ = db.Close()
		pinged <- err
	}()
	select {
	case err := <-pinged:
		return err
	case <-ctx.Done():
		return fmt.Errorf("%s does not answer: %w", n.addr.Addr(), ctx.Err())
	}
}
