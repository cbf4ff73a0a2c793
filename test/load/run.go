package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/loveapp/backend/test/load/internal/arrivals"
	"github.com/loveapp/backend/test/load/internal/fleet"
	"github.com/loveapp/backend/test/load/internal/report"
	"github.com/loveapp/backend/test/load/internal/stack"
)

const (
	// lead is what workers get to read their start.
	lead = 500 * time.Millisecond
	// tell is how often the run says how it goes.
	tell = 5 * time.Second
	// profiled is how long a CPU profile is.
	profiled = 15 * time.Second
)

func run(ctx context.Context, args []string, out, progress io.Writer) error {
	o, err := parse(args, progress)
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	s, err := o.on.read(ctx)
	if err != nil {
		return err
	}
	findings, err := measure(ctx, o, s, func() *exec.Cmd { return exec.Command(self, workerCommand) }, progress)
	if err != nil {
		return err
	}
	return write(report.Of(findings), o.out, out)
}

// measure is the run itself.
func measure(ctx context.Context, o options, s stack.Stack, self func() *exec.Cmd, progress io.Writer) (f report.Findings, err error) {
	server, err := hostPort(s.URL)
	if err != nil {
		return f, err
	}
	all, err := populate(ctx, o.profile, s, server, progress)
	if err != nil {
		return f, err
	}
	begun := time.Now()
	workers, err := fleet.Launch(ctx, self, orders(o.profile, all, server, o.seed))
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, workers.Close()) }()
	_, _ = fmt.Fprintf(progress, "%d sockets opened, everything rehearsed: %s\n", o.profile.Sockets, since(begun))
	f, err = perform(ctx, o, s, workers, progress)
	return f, err
}

func perform(ctx context.Context, o options, s stack.Stack, workers *fleet.Fleet, progress io.Writer) (report.Findings, error) {
	start, total := time.Now().Add(lead), arrivals.Total(o.profile.Phases)
	gauge := newGauge(s, workers.PIDs())
	aside, stop := context.WithCancel(ctx)
	defer stop()
	measured := make(chan error, 1)
	go func() { measured <- gauge.during(aside, start, total) }()
	profiling := make(chan error, 1)
	go func() { profiling <- profiles(aside, o, s, start.Add(total/2)) }()
	go tellOn(aside, workers, start, total, progress)
	result, err := workers.Run(ctx, start)
	if err != nil {
		return report.Findings{}, err
	}
	programs, usage := gauge.programs()
	if err := errors.Join(<-measured, <-profiling, usage); err != nil {
		return report.Findings{}, err
	}
	return gauge.findings(o, start, result, programs)
}

func profiles(ctx context.Context, o options, s stack.Stack, at time.Time) error {
	if o.profiles == "" {
		return nil
	}
	select {
	case <-time.After(time.Until(at)):
		return s.SaveProfiles(ctx, o.profiles, profiled)
	case <-ctx.Done():
		return nil
	}
}

func tellOn(ctx context.Context, workers *fleet.Fleet, start time.Time, total time.Duration, progress io.Writer) {
	next := time.NewTicker(tell)
	defer next.Stop()
	for before := workers.Now(); ; {
		select {
		case <-next.C:
			now := workers.Now()
			_, _ = fmt.Fprintf(progress, "%4.0f s of %.0f: %6.0f requests/s, %d sockets\n",
				time.Since(start).Seconds(), total.Seconds(), float64(now.Good-before.Good)/tell.Seconds(), now.Open)
			before = now
		case <-ctx.Done():
			return
		}
	}
}

// write prints the report and keeps it in dir, if there is one.
func write(r report.Report, dir string, out io.Writer) error {
	page, err := r.Markdown()
	if err != nil {
		return err
	}
	if _, err := out.Write(page); err != nil || dir == "" {
		return err
	}
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("encode the report: %w", err)
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return fmt.Errorf("make the folder of reports: %w", err)
	}
	file := filepath.Join(dir, r.Profile.Name)
	return errors.Join(os.WriteFile(file+".md", page, 0o644), os.WriteFile(file+".json", append(text, '\n'), 0o644))
}
