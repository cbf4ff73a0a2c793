package backend

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/loveapp/backend/auth"
	"github.com/loveapp/backend/deployments/allinone/internal/demo"
	"github.com/loveapp/backend/notification"
	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/postgres"
	"github.com/loveapp/backend/shared/redispool"
	"github.com/loveapp/backend/shared/trust"
	"github.com/loveapp/backend/sos"
	"golang.org/x/sync/errgroup"
)

const (
	// patience is for servers that are started at the same moment as we are.
	patience   = 5 * time.Second
	retryEvery = 100 * time.Millisecond
)

// prepareDatabase makes sure of the servers, and chooses the demo account while
// the database is still empty.
func (b *Backend) prepareDatabase(ctx context.Context) error {
	database := b.database()
	if b.data.postgres != nil {
		if err := postgres.CreateDatabase(ctx, database); err != nil {
			return fmt.Errorf("create the database in the embedded PostgreSQL: %w", err)
		}
	}
	var empty bool
	err := await(ctx, func() (err error) {
		empty, err = postgres.Empty(ctx, database)
		return err
	})
	if refusal, ok := errors.AsType[*trust.RefusalError](err); ok {
		return refusal
	}
	if err != nil {
		return fmt.Errorf("PostgreSQL at %s cannot be used (%w): start it or correct the DATABASE_ settings, or unset DATABASE_HOST to have a private one",
			database.Hosts[0].Addr(), cause(err))
	}
	b.demo, err = demo.Prepare(b.settings.DataDir, b.databaseName(), empty)
	return err
}

// awaitRedis: an address that was given and does not answer is a mistake to be
// told now, though the services themselves go on without Redis later.
func (b *Backend) awaitRedis(ctx context.Context) error {
	if b.data.redis != nil {
		return nil
	}
	c := redispool.FromInfra(b.settings.Auth.Infra, nil)
	pool, err := redispool.Open(c)
	if err != nil {
		return err
	}
	defer func() { _ = pool.Close() }()
	err = await(ctx, func() error { return pool.Ping(ctx) })
	if refusal, ok := errors.AsType[*trust.RefusalError](err); ok {
		return refusal
	}
	if err != nil {
		return fmt.Errorf("Redis at %s cannot be used (%w): start it or correct the REDIS_ settings, or unset REDIS_HOST to have a private one", //nolint:staticcheck // a name
			c.Addrs[0].Addr(), cause(err))
	}
	return nil
}

// await asks again while the answer is that it will pass.
func await(ctx context.Context, ask func() error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	tick := time.NewTicker(retryEvery)
	defer tick.Stop()
	for {
		err := ask()
		if err == nil || fault.From(err).Kind != fault.Unavailable || trust.Refused(err) {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return err
		}
	}
}

// cause is what the driver said, without the sentence that is meant for clients.
func cause(err error) error {
	if f, ok := errors.AsType[*fault.Error](err); ok && f.Unwrap() != nil {
		return f.Unwrap()
	}
	return err
}

// migrate brings every schema up before any service starts, so that a migration
// that fails is the error of this start and not a retry in the background.
func (b *Backend) migrate(ctx context.Context) error {
	group, migrating := errgroup.WithContext(ctx)
	group.Go(func() error { return auth.Migrate(migrating, b.settings.Auth) })
	group.Go(func() error { return notification.Migrate(migrating, b.settings.Notification) })
	group.Go(func() error { return sos.Migrate(migrating, b.settings.SOS) })
	if err := group.Wait(); err != nil {
		return fmt.Errorf("bring the database to this version: %w", err)
	}
	b.settings.Each(func(c *config.Infra) { c.MigrateOnStart = false })
	return nil
}

// databaseName tells the databases apart that a data folder may be used with.
func (b *Backend) databaseName() string {
	if b.data.postgres != nil {
		return "embedded"
	}
	c := b.settings.Auth.Infra
	return fmt.Sprintf("%s:%d/%s", c.DatabaseHost, c.DatabasePort, c.DatabaseName)
}

func (b *Backend) database() postgres.Config {
	c := b.settings.Auth.Infra
	hosts, _ := config.ParseHosts(c.DatabaseHost, c.DatabasePort) // has been checked
	return postgres.Config{Hosts: hosts, Username: c.DatabaseUsername, Password: c.DatabasePassword, Name: c.DatabaseName, SSLMode: c.DatabaseSSLMode, SSLRootCert: c.DatabaseSSLRootCert}
}
