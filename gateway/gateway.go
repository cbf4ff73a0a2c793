// Package gateway is the only public door of the backend: it decides who may
// come in, and sends requests and sockets to the services. New binds it, Run
// serves and drains it.
package gateway

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/loveapp/backend/gateway/internal/adapters/redisstore"
	"github.com/loveapp/backend/gateway/internal/domain"
	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/health"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/logging"
	"github.com/loveapp/backend/shared/metrics"
	"github.com/loveapp/backend/shared/redispool"
	"github.com/prometheus/client_golang/prometheus"
)

// New binds the gateway. Nothing behind it need be up: services are found while
// it runs, and without Redis it counts limits by itself.
func New(ctx context.Context, c Config) (*Service, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	c, lines := c.withDefaults().withLog()
	adminPort := c.Metrics == nil
	if adminPort {
		c.Metrics = metrics.New("gateway")
	}
	adapters, err := open(c)
	if err != nil {
		return nil, errors.Join(err, lines.Close())
	}
	adapters.follow(lines, c.Metrics)
	s, err := bind(ctx, c, adapters)
	if err == nil && adminPort {
		s.admin, err = httpserver.Admin(ctx, s.server, c.ListenHost, c.MetricsPort, c.Metrics)
	}
	if err != nil {
		return nil, errors.Join(err, adapters.Close())
	}
	return s, nil
}

// open makes the real adapters.
func open(c Config) (Adapters, error) {
	redis, err := redispool.Open(redispool.FromInfra(c.Infra, c.Logger))
	if err != nil {
		return Adapters{}, fmt.Errorf("gateway: %w", err)
	}
	limiter, err := redisstore.NewLimiter(redisstore.Config{Pool: redis, Keep: c.memory()})
	if err != nil {
		return Adapters{}, errors.Join(fmt.Errorf("gateway: %w", err), redis.Close())
	}
	answers, err := redisstore.NewAnswers(redisstore.AnswersConfig{Pool: redis, Now: time.Now})
	if err != nil {
		return Adapters{}, errors.Join(fmt.Errorf("gateway: %w", err), redis.Close())
	}
	c.Metrics.Registerer().MustRegister(redispool.Collector(redis))
	return Adapters{Limiter: limiter, Answers: answers, Checks: redis.Checks(), Surveys: []health.Survey{redis.Survey()}, Close: redis.Close}, nil
}

// follow shows what the log has lost, and ends it last.
func (a *Adapters) follow(lines *logging.Batch, m *metrics.Registry) {
	if lines == nil {
		return
	}
	m.Registerer().MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{
		Name: "log_lines_dropped_total", Help: "Lines of the log below warnings that were dropped because they could not be written fast enough.",
	}, func() float64 { return float64(lines.Dropped()) }))
	others := a.Close
	a.Close = func() error { return errors.Join(others(), lines.Close()) }
}

// memory is how long a client's requests can matter, whatever class they were of.
func (c Config) memory() time.Duration {
	limits := c.limits(new(config.Mistakes))
	longest := time.Second
	for class := range domain.Class(domain.ClassCount) {
		longest = max(longest, limits.For(class, false).Memory())
	}
	return longest
}

// bind listens where the config says and puts the gateway together.
func bind(ctx context.Context, c Config, adapters Adapters) (*Service, error) {
	if c.Listener == nil {
		listener, err := httpserver.Listen(ctx, c.ListenHost, c.Port)
		if err != nil {
			return nil, fmt.Errorf("gateway: PORT: %w", err)
		}
		c.Listener = listener
	}
	s, err := Assemble(c, adapters)
	if err != nil {
		return nil, errors.Join(err, c.Listener.Close())
	}
	return s, nil
}
