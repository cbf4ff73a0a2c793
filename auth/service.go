package auth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/loveapp/backend/auth/internal/app"
	"github.com/loveapp/backend/shared/health"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/metrics"
)

// Service is one copy of auth.
type Service struct {
	config  Config
	app     *app.App
	health  *health.Health
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

const (
	firstRetry = 250 * time.Millisecond
	lastRetry  = 5 * time.Second
)

// start tries until the data can be used; false where ctx ended before.
func (s *Service) start(ctx context.Context) bool {
	for wait := firstRetry; ; wait = min(2*wait, lastRetry) {
		err := s.begin(ctx)
		if err == nil {
			s.started.Store(true)
			s.health.Ready()
			s.config.Logger.LogAttrs(ctx, slog.LevelInfo, "started", slog.String("url", s.URL()), slog.String("version", s.config.Version))
			return true
		}
		if ctx.Err() != nil {
			return false
		}
		s.config.Logger.LogAttrs(ctx, slog.LevelWarn, "not started yet: the database cannot be used", slog.Any("error", err), slog.Duration("retry_in", wait))
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return false
		}
	}
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
	return s.app.PullRevocations(ctx)
}

// bindAdmin listens on the admin port for whoever collects metrics.
func (s *Service) bindAdmin(ctx context.Context) error {
	listener, err := httpserver.Listen(ctx, s.config.ListenHost, s.config.MetricsPort)
	if err != nil {
		return errors.Join(fmt.Errorf("auth: metrics: %w", err), s.server.Close())
	}
	s.admin, err = httpserver.New(httpserver.Config{
		Listener: listener, Handler: s.config.Metrics.Handler(), Metrics: metrics.New("admin"),
		Logger: slog.New(slog.DiscardHandler), // a line for each scrape would tell nothing
	})
	if err == nil {
		s.config.Logger.LogAttrs(ctx, slog.LevelInfo, "metrics", slog.String("metrics_url", s.admin.URL()))
	}
	return err
}
