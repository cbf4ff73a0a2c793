package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/loveapp/backend/deployments/local/internal/control"
	"github.com/loveapp/backend/deployments/local/internal/supervisor"
	"github.com/loveapp/backend/deployments/local/internal/topology"
	"github.com/loveapp/backend/shared/embedded"
)

// askRedis becomes redis-cli at a node that answers, if one does. What it knows of a cluster
// each node knows.
func askRedis(ctx context.Context, o options) error {
	answer, secrets, err := running(ctx, o)
	if err != nil {
		return err
	}
	nodes := matching(answer.Processes, func(p control.Process) bool { return strings.HasPrefix(p.Name, "redis-") })
	if healthy := matching(nodes, func(p control.Process) bool { return p.Healthy }); len(healthy) > 0 {
		nodes[0] = healthy[0] // else redis-cli says what is wrong with the first
	}
	host, port, err := net.SplitHostPort(nodes[0].Addr)
	if err != nil {
		return err
	}
	command := o.args
	if len(command) == 0 {
		command = []string{"info"}
		if len(nodes) > 1 {
			command = []string{"cluster", "info"}
		}
	}
	// -c follows a key to the node that has it. The password goes where no list of processes shows it.
	return become("redis-cli", append([]string{"-c", "-h", host, "-p", port}, command...), "REDISCLI_AUTH="+secrets.Redis.Value())
}

// askPostgres becomes psql at the node that is the primary now.
func askPostgres(ctx context.Context, o options) error {
	if len(o.args) > 1 {
		return errors.New(`psql takes one statement, in quotes: stack psql "SELECT count(*) FROM pg_stat_activity"`)
	}
	answer, secrets, err := running(ctx, o)
	if err != nil {
		return err
	}
	primary := matching(answer.Processes, func(p control.Process) bool { return p.Role == "primary" })
	if len(primary) == 0 {
		return errors.New("no node of PostgreSQL leads now: `stack status` shows them")
	}
	host, port, err := net.SplitHostPort(primary[0].Addr)
	if err != nil {
		return err
	}
	args := []string{"-h", host, "-p", port, "-U", topology.DatabaseUser, "-d", topology.DatabaseSchema}
	for _, statement := range o.args {
		args = append(args, "-c", statement)
	}
	return become(psql(), args, "PGPASSWORD="+secrets.Database.Value(), "PGSSLMODE=disable")
}

// psql is the one beside the server, or else the one in PATH.
func psql() string {
	const name = "psql"
	if bin, err := embedded.FindPostgres(); err == nil {
		if beside, err := exec.LookPath(filepath.Join(bin, name)); err == nil {
			return beside
		}
	}
	return name
}

// running is what there is of the stack, with what opens it.
func running(ctx context.Context, o options) (control.Answer, topology.Secrets, error) {
	p, err := plan(o)
	if err != nil {
		return control.Answer{}, topology.Secrets{}, err
	}
	answer, err := control.Call(ctx, p.Socket(), control.Request{Op: control.Status})
	if err != nil {
		return answer, topology.Secrets{}, err
	}
	if answer.Phase != supervisor.Up {
		return answer, topology.Secrets{}, fmt.Errorf("the stack is %s: it can be asked once it is up", answer.Phase)
	}
	secrets, err := topology.LoadSecrets(p.Dir)
	return answer, secrets, err
}

func matching(all []control.Process, is func(control.Process) bool) []control.Process {
	var some []control.Process
	for _, p := range all {
		if is(p) {
			some = append(some, p)
		}
	}
	return some
}

// become runs another program in this one's place, so that it has the terminal and
// its signals to itself.
func become(program string, args []string, env ...string) error {
	path, err := exec.LookPath(program)
	if err != nil {
		return fmt.Errorf("%s is not installed: run `make deps`", program)
	}
	return syscall.Exec(path, append([]string{filepath.Base(path)}, args...), append(env, os.Environ()...)) //nolint:gosec // a program named above; of two settings of one name C takes the first
}
