package notification

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/loveapp/backend/notification/internal/adapters/wsapi"
	"github.com/loveapp/backend/notification/internal/app"
	"github.com/loveapp/backend/shared/health"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/metrics"
	"github.com/loveapp/backend/shared/token"
)

// Service is one instance of notification.
type Service struct {
	config     Config
	app        *app.App
	verifier   *token.Verifier
	sockets    *wsapi.Server
	health     *health.Health
	server     *httpserver.Server
	admin      *httpserver.Server // nil where the caller serves the metrics
	background []func(ctx context.Context) error
	prepare    func(ctx context.Context) error
	release    func() error
}

// URL is where the service can be reached from this machine.
func (s *Service) URL() string { return s.server.URL() }

// Run serves until ctx ends, then drains and closes everything. It answers from
// the start: 503 until the database can be used.
func (s *Service) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	// What stands behind requests and sockets goes on until they are gone, so that
	// what was accepted is told, and each socket leaves the registry.
	behind, stop := context.WithCancel(context.WithoutCancel(ctx))
	group.Go(func() error {
		defer stop()
		return s.front(ctx)
	})
	if s.admin != nil {
		group.Go(func() error { return s.admin.Run(ctx) })
	}
	for _, run := range s.background {
		group.Go(func() error { return run(behind) })
	}
	group.Go(func() error {
		s.sockets.Run(behind)
		return nil
	})
	group.Go(func() error {
		if !s.start(ctx) {
			return nil
		}
		return s.app.Run(behind)
	})
	if err := errors.Join(group.Wait(), s.release()); err != nil {
		return fmt.Errorf("notification: %w", err)
	}
	return nil
}

// front serves requests and sockets until ctx ends and they are gone.
func (s *Service) front(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return s.server.Run(ctx) })
	group.Go(func() error {
		<-ctx.Done()
		s.drainSockets(context.WithoutCancel(ctx))
		return nil
	})
	return group.Wait()
}

// farewell is what closing the last socket may take beyond the drain itself.
const farewell = 3 * time.Second

func (s *Service) drainSockets(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, s.config.SocketDrain.Std()+farewell)
	defer cancel()
	s.sockets.Drain(ctx)
}

const (
	firstRetry = 250 * time.Millisecond
	lastRetry  = 5 * time.Second
)

// start tries until the data can be used; false where ctx ended before.
func (s *Service) start(ctx context.Context) bool {
	for wait := firstRetry; ; wait = min(2*wait, lastRetry) {
		err := s.prepare(ctx)
		if err == nil {
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

// bindAdmin listens on the admin port for whoever collects metrics.
func (s *Service) bindAdmin(ctx context.Context) error {
	listener, err := httpserver.Listen(ctx, s.config.ListenHost, s.config.MetricsPort)
	if err != nil {
		return errors.Join(fmt.Errorf("notification: metrics: %w", err), s.server.Close())
	}
	s.admin, err = httpserver.New(httpserver.Config{
		Listener: listener, Handler: s.config.Metrics.Handler(), Metrics: metrics.New("admin"),
		Logger: slog.New(slog.DiscardHandler), // a line for each scrape would tell nothing
	})
	return err
}
