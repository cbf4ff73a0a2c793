package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"time"

	"github.com/loveapp/backend/deployments/local/internal/control"
	"github.com/loveapp/backend/deployments/local/internal/preflight"
	"github.com/loveapp/backend/deployments/local/internal/supervisor"
	"github.com/loveapp/backend/deployments/local/internal/topology"
	"github.com/loveapp/backend/shared/logging"
	"github.com/loveapp/backend/shared/process"
)

const (
	upLimit   = 90 * time.Second
	pollEvery = 50 * time.Millisecond
)

func plan(o options) (*topology.Plan, error) {
	root, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	p, err := topology.New(o.dir, root, o.portBase, o.port, o.redis == "cluster")
	if err != nil {
		return nil, err
	}
	p.Linked, p.Synchronous = o.linked, o.sync
	return p, nil
}

// up starts the supervisor in a session of its own and waits until all is healthy.
func up(ctx context.Context, o options) error {
	p, err := plan(o)
	if err != nil {
		return err
	}
	if a, err := control.Call(ctx, p.Socket(), control.Request{Op: control.Status}); err == nil {
		return fmt.Errorf("the stack in %s is already %s, at %s", p.Dir, a.Phase, a.URL)
	}
	if err := prepare(ctx, p); err != nil {
		return err
	}
	supervising, err := detach(p, o)
	if err != nil {
		return err
	}
	if err := awaitUp(ctx, p, supervising); err != nil {
		return err
	}
	return status(ctx, o)
}

// prepare clears away what an earlier run left and reports every mistake at once.
func prepare(ctx context.Context, p *topology.Plan) error {
	if err := preflight.Folder(p.Dir); err != nil {
		return err
	}
	lock, err := process.LockFolder(p.Dir)
	if err != nil {
		return err
	}
	defer lock.Release() // the supervisor takes it
	supervisor.Sweep(ctx, p, slog.Default())
	return preflight.Check(ctx, p)
}

func detach(p *topology.Plan, o options) (<-chan error, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	log, err := os.OpenFile(p.Log("supervisor"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600) //nolint:gosec // the folder that was asked for
	if err != nil {
		return nil, fmt.Errorf("open the supervisor's log: %w", err)
	}
	defer func() { _ = log.Close() }()
	cmd := exec.Command(self, "supervise", "-dir", p.Dir, "-redis", o.redis, //nolint:gosec // ourselves
		"-port-base", strconv.Itoa(o.portBase), "-port", strconv.Itoa(p.Port), "-linked="+strconv.FormatBool(o.linked), "-sync="+strconv.FormatBool(o.sync))
	cmd.Dir, cmd.Stdout, cmd.Stderr = p.Root, log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the supervisor: %w", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	return ended, nil
}

func awaitUp(ctx context.Context, p *topology.Plan, supervising <-chan error) error {
	ctx, cancel := context.WithTimeout(ctx, upLimit)
	defer cancel()
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		a, err := control.Call(ctx, p.Socket(), control.Request{Op: control.Status})
		switch {
		case err == nil && a.Phase == supervisor.Up:
			return nil
		case err != nil && a.Phase == supervisor.Failed:
			return errors.New(a.Error)
		}
		select {
		case <-tick.C:
		case <-supervising:
			return fmt.Errorf("the supervisor ended: the end of %s says why", p.Log("supervisor"))
		case <-ctx.Done():
			return fmt.Errorf("the stack was not up after %s: %s says why", upLimit, p.Log("supervisor"))
		}
	}
}

// supervise is the process that stays.
func supervise(ctx context.Context, o options) error {
	p, err := plan(o)
	if err != nil {
		return err
	}
	if err := preflight.Folder(p.Dir); err != nil {
		return err
	}
	if p.Secrets, err = topology.LoadSecrets(p.Dir); err != nil {
		return err
	}
	logger := logging.New(os.Stderr, "stack", "info")
	slog.SetDefault(logger)
	s, err := supervisor.New(p, logger)
	if err != nil {
		return err
	}
	return s.Run(ctx)
}
