package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/loveapp/backend/gateway/internal/adapters/discovery"
	"github.com/loveapp/backend/gateway/internal/adapters/openapi"
	"github.com/loveapp/backend/gateway/internal/adapters/proxy"
	"github.com/loveapp/backend/gateway/internal/app"
	"github.com/loveapp/backend/shared/health"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/token"
	"github.com/loveapp/backend/shared/tracing"
)

// Service is one gateway.
type Service struct {
	config      Config
	app         *app.App
	answers     *app.Answers
	proxy       *proxy.Proxy
	watchers    []*discovery.Watcher
	verifier    *token.Verifier
	revocations *token.RevocationFeed
	health      *health.Health
	book        *openapi.Book
	tracing     *tracing.Tracing // nil where nothing is traced
	server      *httpserver.Server
	admin       *httpserver.Server // nil where the caller serves the metrics
	release     func() error
}

// URL is where the gateway can be reached from this machine.
func (s *Service) URL() string { return s.server.URL() }

// Run serves until ctx ends. Then readiness goes first, after the grace the
// listener closes, requests finish and sockets are closed one after the other,
// within the drain's time; what the gateway knows of its surroundings is kept
// up to date until the last request is through.
func (s *Service) Run(ctx context.Context) error {
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	knowing := s.keepInformed(background)
	group, serving := errgroup.WithContext(ctx)
	group.Go(func() error { return s.server.Run(serving) })
	if s.admin != nil {
		group.Go(func() error { return s.admin.Run(serving) })
	}
	group.Go(func() error { s.closeTunnels(serving); return nil })
	err := group.Wait()
	stop()
	err = errors.Join(err, knowing())
	s.proxy.Close()
	if err := errors.Join(err, s.release()); err != nil {
		return fmt.Errorf("gateway: %w", err)
	}
	return nil
}

// keepInformed follows names, instances and revocations until ctx ends. It
// returns once the names have been looked up for the first time.
func (s *Service) keepInformed(ctx context.Context) (wait func() error) {
	var first sync.WaitGroup
	for _, w := range s.watchers {
		first.Go(func() { w.Resolve(ctx) })
	}
	first.Wait()
	group, ctx := errgroup.WithContext(ctx)
	for _, w := range s.watchers {
		group.Go(func() error { return w.Run(ctx) })
	}
	group.Go(func() error { return s.proxy.Run(ctx) })
	group.Go(func() error { return s.revocations.Run(ctx) })
	s.health.Ready()
	s.config.Logger.LogAttrs(ctx, slog.LevelInfo, "started", slog.String("url", s.URL()), slog.String("version", s.config.Version))
	return group.Wait
}

// closeTunnels waits for the end of ctx and then empties the gateway of sockets, which the
// server's own drain does not see.
func (s *Service) closeTunnels(ctx context.Context) {
	<-ctx.Done()
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.config.DrainTimeout.Std())
	defer cancel()
	select {
	case <-time.After(s.config.DrainGrace.Std()):
	case <-bounded.Done():
	}
	s.proxy.CloseTunnels(bounded)
}
