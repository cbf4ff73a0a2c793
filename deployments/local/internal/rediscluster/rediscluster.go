// Package rediscluster runs Redis: one node, or three masters with a replica each.
package rediscluster

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/loveapp/backend/deployments/local/internal/topology"
	"github.com/loveapp/backend/deployments/local/internal/unit"
	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/process"
	"github.com/loveapp/backend/shared/redispool"
	"golang.org/x/sync/errgroup"
)

const (
	// nodeTimeout after which a master is taken for dead: 2.2 s to recover, measured; 7.7 s at 5000.
	nodeTimeout   = "1000"
	shutdownGrace = 5 * time.Second
	pollEvery     = 50 * time.Millisecond
)

// Redis is the cache of a stack.
type Redis struct {
	plan  *topology.Plan
	units []*unit.Unit
}

// New plans the nodes.
func New(plan *topology.Plan, logger *slog.Logger) (*Redis, error) {
	r := &Redis{plan: plan}
	for i := range plan.RedisCount() {
		name := topology.RedisName(i)
		u, err := unit.New(unit.Spec{
			Name: name, Log: plan.Log(name), Logger: logger,
			Command: func() *exec.Cmd { return r.command(i) },
			Healthy: func(ctx context.Context) error { return r.ping(ctx, i) },
			Stop:    []syscall.Signal{syscall.SIGTERM}, Grace: shutdownGrace,
		})
		if err != nil {
			return nil, err
		}
		r.units = append(r.units, u)
	}
	return r, nil
}

// Units are its processes.
func (r *Redis) Units() []*unit.Unit { return r.units }

// command passes the settings by standard input: a password among the arguments is everybody's.
func (r *Redis) command(i int) *exec.Cmd {
	addr := r.plan.RedisAddr(i)
	settings := []string{
		"bind " + addr.Host, fmt.Sprintf("port %d", addr.Port), "appendonly yes", "appendfsync everysec", "save \"\"",
		"requirepass " + r.plan.Secrets.Redis.Value(), "masterauth " + r.plan.Secrets.Redis.Value(),
		// A replica that waits 5 s for others before its first copy is no replica if the master dies now.
		"repl-diskless-sync-delay 0",
		"maxclients 10000",
	}
	if r.plan.Cluster {
		settings = append(settings, "cluster-enabled yes", "cluster-node-timeout "+nodeTimeout, "cluster-config-file nodes.conf",
			"cluster-require-full-coverage no", fmt.Sprintf("cluster-port %d", r.plan.RedisBusPort(i)))
	}
	cmd := exec.Command("redis-server", "-")
	cmd.Dir = r.folder(i)
	cmd.Stdin = strings.NewReader(strings.Join(settings, "\n") + "\n")
	process.AsOurselves().Apply(cmd, syscall.SIGKILL)
	return cmd
}

// folder is another one in a cluster: neither kind of node takes the other's data.
func (r *Redis) folder(i int) string {
	kind := "single"
	if r.plan.Cluster {
		kind = "cluster"
	}
	return filepath.Join(r.plan.Work(topology.RedisName(i)), kind)
}

// Start runs the nodes and, in a cluster, joins them where they are not yet.
func (r *Redis) Start(ctx context.Context) error {
	var starts errgroup.Group
	for i, u := range r.units {
		starts.Go(func() error {
			if err := os.MkdirAll(r.folder(i), 0o700); err != nil {
				return fmt.Errorf("make the folder of %s: %w", u.Name(), err)
			}
			if err := u.Start(); err != nil {
				return err
			}
			return u.AwaitHealthy(ctx)
		})
	}
	if err := starts.Wait(); err != nil || !r.plan.Cluster {
		return err
	}
	if err := r.form(ctx); err != nil {
		return err
	}
	return r.awaitWhole(ctx)
}

func (r *Redis) form(ctx context.Context) error {
	info, err := r.ask(ctx, 0, "CLUSTER", "INFO")
	if err != nil {
		return err
	}
	if !strings.Contains(info, "cluster_known_nodes:1\r") {
		return nil // it remembers from an earlier start
	}
	args := []string{"--cluster", "create"}
	for i := range r.units {
		args = append(args, r.plan.RedisAddr(i).Addr())
	}
	cmd := exec.Command("redis-cli", append(args, "--cluster-replicas", "1", "--cluster-yes")...) //nolint:gosec // our own addresses
	cmd.Env = append(os.Environ(), "REDISCLI_AUTH="+r.plan.Secrets.Redis.Value())
	cmd.Dir = r.plan.Dir
	process.AsOurselves().Apply(cmd, syscall.SIGKILL)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := process.Run(cmd); err != nil {
		return fmt.Errorf("form the Redis cluster: %w: %s", err, strings.TrimSpace(out.String()))
	}
	return nil
}

// awaitWhole: a cluster that says ok may still have replicas without a copy,
// and a master that dies now would take its keys with it.
func (r *Redis) awaitWhole(ctx context.Context) error {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		err := r.whole(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("the Redis cluster did not become whole: %w", err)
		}
	}
}

func (r *Redis) whole(ctx context.Context) error {
	replicas := 0
	for i := range r.units {
		state, err := r.ask(ctx, i, "CLUSTER", "INFO")
		if err != nil || !strings.Contains(state, "cluster_state:ok") {
			return errors.Join(err, fmt.Errorf("%s is not part of a whole cluster", r.units[i].Name()))
		}
		replication, err := r.ask(ctx, i, "INFO", "replication")
		if err != nil {
			return err
		}
		if strings.Contains(replication, "role:slave") {
			replicas++
			if !strings.Contains(replication, "master_link_status:up") {
				return fmt.Errorf("%s has no copy yet", r.units[i].Name())
			}
		}
	}
	if replicas != len(r.units)/2 {
		return fmt.Errorf("%d of %d nodes are replicas", replicas, len(r.units))
	}
	return nil
}

// Role is master or replica, "" where the node does not answer.
func (r *Redis) Role(ctx context.Context, i int) string {
	text, err := r.ask(ctx, i, "INFO", "replication")
	switch {
	case err != nil:
		return ""
	case strings.Contains(text, "role:slave"):
		return "replica"
	default:
		return "master"
	}
}

func (r *Redis) ask(ctx context.Context, i int, cmd, arg string) (string, error) {
	return redispool.OnNode(ctx, redispool.Config{
		Addrs: []config.HostPort{r.plan.RedisAddr(i)}, Password: r.plan.Secrets.Redis,
	}, cmd, arg)
}

func (r *Redis) ping(ctx context.Context, i int) error {
	text, err := r.ask(ctx, i, "INFO", "persistence")
	if err == nil && strings.Contains(text, "loading:1") {
		return errors.New("it is loading its data")
	}
	return err
}

// FlushAll empties every master, and with it its replica.
func (r *Redis) FlushAll(ctx context.Context) error {
	var errs []error
	for i := range r.units {
		if r.Role(ctx, i) == "master" {
			_, err := r.ask(ctx, i, "FLUSHALL", "SYNC")
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// Stop ends every node.
func (r *Redis) Stop(ctx context.Context) error {
	var stops errgroup.Group
	for _, u := range r.units {
		stops.Go(func() error { return u.Stop(ctx) })
	}
	return stops.Wait()
}
