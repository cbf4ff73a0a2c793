package redistest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/freeport"
	"github.com/loveapp/backend/shared/process"
	"github.com/loveapp/backend/shared/redispool"
)

const loopback = "127.0.0.1"

// node is one server.
type node struct {
	config    redispool.Config
	port, bus *freeport.Reservation
	dir       string
	child     *process.Child
}

func (n *node) ask(ctx context.Context, cmd string, args ...any) (string, error) {
	return redispool.OnNode(ctx, n.config, cmd, args...)
}

// until repeats the command until its answer contains want.
func (n *node) until(ctx context.Context, want, cmd string, args ...any) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		answer, err := n.ask(ctx, cmd, args...)
		if err == nil && strings.Contains(answer, want) {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("%s %v on %s: %q, %w", cmd, args, n.config.Addrs[0].Addr(), answer, errors.Join(err, ctx.Err()))
		}
	}
}

// startNode returns a server that answers.
func startNode(ctx context.Context) (*node, error) {
	n := &node{}
	if err := n.launch(ctx); err != nil {
		return nil, errors.Join(err, n.stop())
	}
	return n, nil
}

// answers waits until the server does, or has ended.
func (n *node) answers(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		select {
		case <-n.child.Ended():
			cancel(errors.New("redis-server has ended by itself"))
		case <-ctx.Done():
		}
	}()
	if err := n.until(ctx, "PONG", "PING"); err != nil {
		return errors.Join(err, context.Cause(ctx))
	}
	return nil
}

func (n *node) launch(ctx context.Context) (err error) {
	if n.port, err = freeport.Take(); err != nil {
		return err
	}
	if n.bus, err = freeport.Take(); err != nil {
		return err
	}
	if n.dir, err = os.MkdirTemp("", "loveapp-redistest-*"); err != nil {
		return err
	}
	log, err := os.Create(filepath.Join(n.dir, "redis.log")) //nolint:gosec // our own
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }() // the child has its own descriptor
	n.config = redispool.Config{Addrs: []config.HostPort{{Host: loopback, Port: n.port.Port}}, Password: password}
	cmd := exec.Command("redis-server", "-")
	cmd.Dir = n.dir
	cmd.Stdin = strings.NewReader(strings.Join([]string{
		"bind " + loopback, "port " + strconv.Itoa(n.port.Port), `save ""`,
		"requirepass " + strconv.Quote(password.Value()), "masterauth " + strconv.Quote(password.Value()),
		"cluster-enabled yes", "cluster-port " + strconv.Itoa(n.bus.Port), "cluster-node-timeout 1000", "cluster-require-full-coverage no",
		"repl-diskless-sync-delay 0", // or a master that is killed in its first 5 s takes its keys with it
	}, "\n") + "\n")
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = process.OwnGroup(syscall.SIGKILL)
	if n.child, err = process.Start(cmd); err != nil {
		return fmt.Errorf("start redis-server: %w: %w", err, errNoRedis)
	}
	return n.answers(ctx)
}

// stop ends as much as has been started.
func (n *node) stop() error {
	if n.child != nil {
		_ = n.child.Stop(context.Background(), clusterLimit, syscall.SIGKILL) // killed before is as good
	}
	for _, reserved := range []*freeport.Reservation{n.port, n.bus} {
		if reserved != nil {
			reserved.Release()
		}
	}
	if n.dir == "" {
		return nil
	}
	return os.RemoveAll(n.dir)
}
