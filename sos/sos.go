// Package sos is the service for calls for help: it takes them, keeps them,
// tells the trusted contacts, and knows how each one ended.
package sos

import (
	"context"
	"errors"
	"fmt"

	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/metrics"
	database "github.com/loveapp/backend/shared/postgres"
	"github.com/loveapp/backend/sos/internal/adapters/postgres"
)

// Migrate brings the database's schema up to date.
func Migrate(ctx context.Context, c Config) error {
	if err := c.Validate(); err != nil {
		return err
	}
	return database.Migrate(ctx, database.FromInfra(c.Infra, postgres.Schema, c.Logger), postgres.Migrations())
}

// New binds the service on PostgreSQL and its peers. None of them need be up:
// Run waits for the database, and nothing waits for auth, notification or Redis.
func New(ctx context.Context, c Config) (*Service, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	c = c.withDefaults()
	adminPort := c.Metrics == nil
	if adminPort {
		c.Metrics = metrics.New("sos")
	}
	adapters, err := open(ctx, c)
	if err != nil {
		return nil, err
	}
	s, err := bind(ctx, c, adapters)
	if err == nil && adminPort {
		s.admin, err = httpserver.Admin(ctx, s.server, c.ListenHost, c.MetricsPort, c.Metrics)
	}
	if err != nil {
		return nil, errors.Join(err, adapters.Close())
	}
	return s, nil
}

// bind listens where the config says and puts the service together.
func bind(ctx context.Context, c Config, adapters Adapters) (*Service, error) {
	if c.Listener == nil {
		listener, err := httpserver.Listen(ctx, c.ListenHost, c.SOSServicePort)
		if err != nil {
			return nil, fmt.Errorf("sos: SOS_SERVICE_PORT: %w", err)
		}
		c.Listener = listener
	}
	s, err := Assemble(c, adapters)
	if err != nil {
		return nil, errors.Join(err, c.Listener.Close())
	}
	return s, nil
}
