package auth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/loveapp/backend/auth/internal/app"
	"github.com/loveapp/backend/shared/health"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/program"
	"github.com/loveapp/backend/shared/tracing"
)

// Service is one copy of auth.
type Service struct {
	config  Config
	app     *app.App
	health  *health.Health
	tracing *tracing.Tracing // nil where nothing is traced
	server  *httpserver.Server
	admin   *httpserver.Server // nil where the caller serves the metrics
	prepare func(ctx context.Context) error
	release func() error
	started atomic.Bool
}

// URL is where the service can be reached from this machine.
func (s *Service) URL() string { return s.server.URL() }

// Run serves until ctx ends, then drains and closes everything. It answers from
// the start: 503 until the database can be used.
func (s *Service) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return s.server.Run(ctx) })
	if s.admin != nil {
		group.Go(func() error { return s.admin.Run(ctx) })
	}
	group.Go(func() error {
		if !s.start(ctx) {
			return nil
		}
		return s.app.Run(ctx)
	})
	if err := errors.Join(group.Wait(), s.release()); err != nil {
		return fmt.Errorf("auth: %w", err)
	}
	return nil
}

// start tries until the database can be used; false where ctx ended before.
func (s *Service) start(ctx context.Context) bool {
	start := program.Start{Prepare: s.begin, Logger: s.config.Logger, URL: s.URL(), Version: s.config.Version}
	if !start.Wait(ctx) {
		return false
	}
	s.started.Store(true)
	s.health.Ready()
	return true
}

// begin does what must be done before the first request: without the
// revocations, a token that was ended before this start would be good again.
func (s *Service) begin(ctx context.Context) error {
	if err := s.prepare(ctx); err != nil {
		return err
	}
	if s.config.AdminEmail != "" {
		if err := s.app.EnsureAdmin(ctx, s.config.admin()); err != nil {
			return err
		}
	}
	if err := s.app.Reseal(ctx); err != nil { // people can sign in who have no second factor
		s.config.Logger.LogAttrs(ctx, slog.LevelWarn, "second factors not resealed", slog.Any("error", err))
	}
	return s.app.PullRevocations(ctx)
}
