package main

import (
	"context"
	"errors"
	"time"

	"github.com/loveapp/backend/test/load/internal/meter"
	"github.com/loveapp/backend/test/load/internal/report"
	"github.com/loveapp/backend/test/load/internal/stack"
	"github.com/loveapp/backend/test/load/internal/worker"
)

// gauge measures what the stack and the driver cost while the schedule runs.
type gauge struct {
	all   []report.Program
	roots []int
	used  map[int]time.Duration // from start to end, by root
	load  meter.Load
}

func newGauge(s stack.Stack, workers []int) *gauge {
	g := &gauge{}
	for _, p := range s.Processes {
		g.add(report.Program{Name: p.Name, Role: p.Role, Service: p.MetricsAddr != ""}, p.PID)
	}
	for _, pid := range workers {
		g.add(report.Program{Name: "load", Role: "this driver"}, pid)
	}
	return g
}

func (g *gauge) add(p report.Program, root int) {
	g.all, g.roots = append(g.all, p), append(g.roots, root)
}

// during takes the time at the beginning and at the end.
func (g *gauge) during(ctx context.Context, start time.Time, total time.Duration) error {
	before, loadBefore, err := countAt(ctx, start, g.roots)
	if err != nil {
		return err
	}
	after, loadAfter, err := countAt(ctx, start.Add(total), g.roots)
	if err != nil {
		return err
	}
	g.used, g.load = map[int]time.Duration{}, loadAfter.Since(loadBefore)
	for _, root := range g.roots {
		g.used[root] = max(after[root]-before[root], 0)
	}
	return nil
}

func countAt(ctx context.Context, at time.Time, roots []int) (map[int]time.Duration, meter.Load, error) {
	select {
	case <-time.After(time.Until(at)):
	case <-ctx.Done():
		return nil, meter.Load{}, ctx.Err()
	}
	used, err := meter.CPU(roots)
	load, loadErr := meter.CountLoad()
	return used, load, errors.Join(err, loadErr)
}

// programs measures memory and sockets: after the schedule, while the sockets
// are still open. Call it once.
func (g *gauge) programs() ([]report.Program, error) {
	usage, err := meter.Measure(g.roots)
	if err != nil {
		return nil, err
	}
	for i, root := range g.roots {
		g.all[i].Usage = usage[root]
	}
	return g.all, nil
}

func (g *gauge) findings(o options, start time.Time, result worker.Result, programs []report.Program) (report.Findings, error) {
	for i, root := range g.roots {
		programs[i].Used = g.used[root]
	}
	table, err := o.profile.Mix.Table()
	return report.Findings{
		Profile: o.profile, Table: table, Seed: o.seed, Began: start, Result: result,
		Machine: meter.ThisMachine(), Load: g.load, Programs: programs,
	}, err
}
