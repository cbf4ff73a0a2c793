package notification

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/loveapp/backend/notification/internal/adapters/wsapi"
	"github.com/loveapp/backend/notification/internal/app"
	"github.com/loveapp/backend/shared/health"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/program"
	"github.com/loveapp/backend/shared/token"
	"github.com/loveapp/backend/shared/tracing"
)

// Service is one instance of notification.
type Service struct {
	config     Config
	app        *app.App
	verifier   *token.Verifier
	sockets    *wsapi.Server
	health     *health.Health
	tracing    *tracing.Tracing // nil where nothing is traced
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

// Farewell refuses new sockets and closes those that are open, each with the
// advice when to come back. Run does so at its end; whoever stops before it what
// leads to the sockets calls this first, or they are cut without a word.
func (s *Service) Farewell(ctx context.Context) { s.drainSockets(ctx) }

// farewell is what closing the last socket may take beyond the drain itself.
const farewell = 3 * time.Second

func (s *Service) drainSockets(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, s.config.SocketDrain.Std()+farewell)
	defer cancel()
	s.sockets.Drain(ctx)
}

// start tries until the database can be used; false where ctx ended before.
func (s *Service) start(ctx context.Context) bool {
	start := program.Start{Prepare: s.prepare, Logger: s.config.Logger, URL: s.URL(), Version: s.config.Version}
	if !start.Wait(ctx) {
		return false
	}
	s.health.Ready()
	return true
}
