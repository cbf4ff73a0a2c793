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
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/process"
	"github.com/loveapp/backend/shared/redispool"
)

// node is one server.
type node struct {
	config redispool.Config
	bus    int
	dir    string
	child  *process.Child
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

// startTries: a port that was free may be somebody else's when the server takes it.
const startTries = 5

// startNode returns a server that answers.
func startNode(ctx context.Context) (*node, error) {
	var failed error
	for range startTries {
		n, err := launchNode(ctx)
		if err != nil {
			return nil, err
		}
		if err = n.answers(ctx); err == nil {
			return n, nil
		}
		failed = errors.Join(failed, err, n.stop())
		if ctx.Err() != nil {
			break
		}
	}
	return nil, failed
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

func launchNode(ctx context.Context) (*node, error) {
	addr, err := freePort(ctx)
	if err != nil {
		return nil, err
	}
	bus, err := freePort(ctx)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "loveapp-redistest-*")
	if err != nil {
		return nil, err
	}
	log, err := os.Create(filepath.Join(dir, "redis.log")) //nolint:gosec // our own
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }() // the child has its own descriptor
	cmd := exec.Command("redis-server", "-")
	cmd.Dir = dir
	cmd.Stdin = strings.NewReader(strings.Join([]string{
		"bind " + addr.Host, "port " + strconv.Itoa(addr.Port), `save ""`,
		"requirepass " + strconv.Quote(password.Value()), "masterauth " + strconv.Quote(password.Value()),
		"cluster-enabled yes", "cluster-port " + strconv.Itoa(bus.Port), "cluster-node-timeout 1000", "cluster-require-full-coverage no",
		"repl-diskless-sync-delay 0", // or a master that is killed in its first 5 s takes its keys with it
	}, "\n") + "\n")
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = process.OwnGroup(syscall.SIGKILL)
	child, err := process.Start(cmd)
	if err != nil {
		return nil, fmt.Errorf("start redis-server: %w: %w", err, errNoRedis)
	}
	return &node{redispool.Config{Addrs: []config.HostPort{addr}, Password: password}, bus.Port, dir, child}, nil
}

func (n *node) stop() error {
	_ = n.child.Stop(context.Background(), clusterLimit, syscall.SIGKILL) // killed before is as good
	return os.RemoveAll(n.dir)
}

func freePort(ctx context.Context) (config.HostPort, error) {
	listener, err := httpserver.Listen(ctx, "127.0.0.1", 0)
	if err != nil {
		return config.HostPort{}, err
	}
	defer func() { _ = listener.Close() }()
	addr, err := config.ParseHosts(listener.Addr().String(), 0)
	if err != nil {
		return config.HostPort{}, err
	}
	return addr[0], nil
}
