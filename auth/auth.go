// Package auth is the auth service: accounts, sessions and the tokens that every
// other service trusts. New binds it, Run serves and drains it.
package auth

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
	_ "time/tzdata" // time zones of profiles are judged alike on every machine

	"github.com/loveapp/backend/auth/internal/adapters/argon2id"
	"github.com/loveapp/backend/auth/internal/adapters/memory"
	"github.com/loveapp/backend/auth/internal/adapters/oidc"
	"github.com/loveapp/backend/auth/internal/adapters/postgres"
	"github.com/loveapp/backend/auth/internal/adapters/redisstore"
	hashing "github.com/loveapp/backend/shared/argon2id"
	"github.com/loveapp/backend/shared/health"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/metrics"
	database "github.com/loveapp/backend/shared/postgres"
	"github.com/loveapp/backend/shared/redispool"
)

// Migrate brings the database's schema up to date.
func Migrate(ctx context.Context, c Config) error {
	if err := c.Validate(); err != nil {
		return err
	}
	return database.Migrate(ctx, database.FromInfra(c.Infra, postgres.Schema, c.Logger), postgres.Migrations())
}

// New binds the service on PostgreSQL and Redis. Neither need be up: Run waits
// for the database, and nothing waits for Redis.
func New(ctx context.Context, c Config) (*Service, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	c = c.withDefaults()
	adminPort := c.Metrics == nil
	if adminPort {
		c.Metrics = metrics.New("auth")
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

// open makes the real adapters.
func open(ctx context.Context, c Config) (Adapters, error) {
	db, err := database.Open(ctx, database.FromInfra(c.Infra, postgres.Schema, c.Logger))
	if err != nil {
		return Adapters{}, fmt.Errorf("auth: %w", err)
	}
	redis, err := redispool.Open(redispool.FromInfra(c.Infra, c.Logger))
	if err != nil {
		return Adapters{}, errors.Join(fmt.Errorf("auth: %w", err), db.Close())
	}
	others, err := c.others()
	if err != nil {
		return Adapters{}, errors.Join(err, db.Close(), redis.Close())
	}
	c.Metrics.Registerer().MustRegister(database.Collector(db), redispool.Collector(redis))
	store, providers := postgres.NewStore(db), oidc.New(c.providers(), time.Now)
	return Adapters{
		Store: store, Accounts: store, Directory: store, Sessions: store, Revocations: store, Records: store, SecondFactors: store,
		Identities: store, Seals: store, Providers: providers, Guesses: redisstore.NewGuesses(redis, memory.NewGuesses(time.Now)),
		Bulletin:  redisstore.NewBulletin(redis),
		Profiles:  store,
		Briefs:    redisstore.NewBriefs(redis),
		Issues:    redisstore.NewIssues(redis, time.Now),
		Passwords: argon2id.New(hashing.OWASP()),
		Post:      store, Erasures: store, Holdings: store, Eraser: others.eraser, Carriers: others.carriers,
		Prepare: func(ctx context.Context) error {
			if !c.MigrateOnStart {
				return db.Ping(ctx)
			}
			return database.Migrate(ctx, database.FromInfra(c.Infra, postgres.Schema, c.Logger), postgres.Migrations())
		},
		Checks:  slices.Concat(db.Checks(), redis.Checks(), c.letterChecks(others.carriers)),
		Surveys: []health.Survey{redis.Survey()},
		Close: func() error {
			providers.Close()
			return errors.Join(db.Close(), redis.Close(), others.Close())
		},
	}, nil
}

// bind listens where the config says and puts the service together.
func bind(ctx context.Context, c Config, adapters Adapters) (*Service, error) {
	if c.Listener == nil {
		listener, err := httpserver.Listen(ctx, c.ListenHost, c.AuthServicePort)
		if err != nil {
			return nil, fmt.Errorf("auth: AUTH_SERVICE_PORT: %w", err)
		}
		c.Listener = listener
	}
	s, err := Assemble(c, adapters)
	if err != nil {
		return nil, errors.Join(err, c.Listener.Close())
	}
	return s, nil
}
