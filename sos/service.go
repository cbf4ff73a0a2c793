package sos

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/loveapp/backend/shared/health"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/program"
	"github.com/loveapp/backend/shared/tracing"
	"github.com/loveapp/backend/sos/internal/app"
)

// Service is one copy of sos.
type Service struct {
	config     Config
	app        *app.App
	clockwork  *app.Clockwork
	house      *app.Housekeeping
	duty       *app.Duty
	followers  *app.Followers
	engines    []func(ctx context.Context) error // need the database
	background []func(ctx context.Context) error
	health     *health.Health
	tracing    *tracing.Tracing // nil where nothing is traced
	server     *httpserver.Server
	admin      *httpserver.Server // nil where the caller serves the metrics
	prepare    func(ctx context.Context) error
	release    func() error
	started    atomic.Bool
}

// URL is where the service can be reached from this machine.
func (s *Service) URL() string { return s.server.URL() }

// Run serves until ctx ends, then drains and closes everything. It answers from
// the start: 503 until the database can be used.
func (s *Service) Run(ctx context.Context) error {
	// What the last requests queue is still carried: the engines stop after the server.
	working, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	group, working := errgroup.WithContext(working)
	group.Go(func() error {
		defer stop()
		return s.serve(ctx, working)
	})
	for _, work := range s.background {
		group.Go(func() error { return work(working) })
	}
	group.Go(func() error {
		if !s.start(working) {
			return nil
		}
		return s.runEngines(working)
	})
	if err := errors.Join(group.Wait(), s.release()); err != nil {
		return fmt.Errorf("sos: %w", err)
	}
	return nil
}

// serve ends with ctx, and when something that it needs has failed.
func (s *Service) serve(ctx, working context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(working, cancel)()
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return s.server.Run(ctx) })
	if s.admin != nil {
		group.Go(func() error { return s.admin.Run(ctx) })
	}
	return group.Wait()
}

func (s *Service) runEngines(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, engine := range s.engines {
		group.Go(func() error { return engine(ctx) })
	}
	return group.Wait()
}

// start tries until the database can be used; false where ctx ended before.
func (s *Service) start(ctx context.Context) bool {
	start := program.Start{Prepare: s.prepare, Logger: s.config.Logger, URL: s.URL(), Version: s.config.Version}
	if !start.Wait(ctx) {
		return false
	}
	s.started.Store(true)
	s.health.Ready()
	return true
}

// RefreshStaff learns at once who the staff are: for tests that have changed that.
func (s *Service) RefreshStaff(ctx context.Context) error { return s.duty.Refresh(ctx) }

// EndTimers ends those that are due without waiting for the next look: for
// tests that have moved the clock.
func (s *Service) EndTimers(ctx context.Context) error { return s.clockwork.FireDue(ctx) }

// KeepHouse seals and forgets without waiting for the hour: for tests that have moved the clock.
func (s *Service) KeepHouse(ctx context.Context) error {
	return errors.Join(s.house.Seal(ctx), s.house.Forget(ctx))
}
