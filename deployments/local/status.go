package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"text/tabwriter"
	"time"

	"github.com/loveapp/backend/deployments/local/internal/control"
	"github.com/loveapp/backend/deployments/local/internal/supervisor"
	"github.com/loveapp/backend/shared/process"
)

func status(ctx context.Context, o options) error {
	p, err := plan(o)
	if err != nil {
		return err
	}
	a, err := control.Call(ctx, p.Socket(), control.Request{Op: control.Status})
	if err != nil {
		return err
	}
	if o.json {
		return json.NewEncoder(os.Stdout).Encode(a)
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "NAME\tROLE\tPID\tADDRESS\tMETRICS\tHEALTHY\tRESTARTS")
	for _, l := range a.Processes {
		_, _ = fmt.Fprintf(w, "%s\t%s\t%d\t%s\t%s\t%t\t%d\n", l.Name, l.Role, l.PID, l.Addr, l.MetricsAddr, l.Healthy, l.Restarts)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err = fmt.Fprintf(os.Stdout, "%s: %s\n", a.Phase, a.URL)
	return err
}

func send(ctx context.Context, o options) error {
	const words = 2
	if len(o.args) != words {
		return errors.New("signal takes the name of a process and a signal: stack signal gateway-2 KILL")
	}
	p, err := plan(o)
	if err != nil {
		return err
	}
	_, err = control.Call(ctx, p.Socket(), control.Request{Op: control.Signal, Name: o.args[0], Signal: o.args[1]})
	return err
}

func arm(ctx context.Context, o options) error {
	const words = 2
	if len(o.args) != words {
		return errors.New("arm takes the name of a service and a point: stack arm sos-1 commit.after:3")
	}
	p, err := plan(o)
	if err != nil {
		return err
	}
	_, err = control.Call(ctx, p.Socket(), control.Request{Op: control.Arm, Name: o.args[0], Point: o.args[1]})
	return err
}

func flushAll(ctx context.Context, o options) error {
	p, err := plan(o)
	if err != nil {
		return err
	}
	_, err = control.Call(ctx, p.Socket(), control.Request{Op: control.FlushAll})
	return err
}

// down stops the stack and returns when nothing of it is left, whatever state it was in.
func down(ctx context.Context, o options) error {
	p, err := plan(o)
	if err != nil {
		return err
	}
	_, err = control.Call(ctx, p.Socket(), control.Request{Op: control.Down})
	if err != nil && !errors.Is(err, control.ErrNotRunning) {
		return err
	}
	if errors.Is(err, control.ErrNotRunning) {
		supervisor.Sweep(ctx, p, slog.Default())
	}
	return awaitGone(ctx, p.Dir)
}

// awaitGone: the supervisor holds the folder's lock until its last child is gone.
func awaitGone(ctx context.Context, dir string) error {
	ctx, cancel := context.WithTimeout(ctx, upLimit)
	defer cancel()
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		lock, err := process.LockFolder(dir)
		if err == nil {
			lock.Release()
			return nil
		}
		if errors.Is(err, os.ErrNotExist) {
			return nil // never started
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return err
		}
	}
}
