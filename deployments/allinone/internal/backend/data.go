package backend

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"

	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/embedded"
	"golang.org/x/sync/errgroup"
)

// data is the servers below the services. Those that the environment gives are
// somebody else's: they are neither started nor stopped here.
type data struct {
	postgres *embedded.Postgres
	redis    *embedded.Redis
}

// startData starts what the environment does not give, both at once.
func (b *Backend) startData(ctx context.Context) error {
	group, starting := errgroup.WithContext(ctx)
	if b.settings.DatabaseHost == "" {
		group.Go(func() (err error) {
			b.data.postgres, err = embedded.StartPostgres(starting, embedded.PostgresOptions{
				Dir: filepath.Join(b.settings.DataDir, "postgres"), Durable: true, Logger: b.logger,
			})
			return err
		})
	}
	if b.settings.RedisHost == "" {
		group.Go(func() (err error) {
			b.data.redis, err = embedded.StartRedis(starting, embedded.RedisOptions{
				Dir: filepath.Join(b.settings.DataDir, "redis"), Logger: b.logger,
			})
			return err
		})
	}
	err := group.Wait()
	if b.data.postgres != nil {
		b.stack.Add("PostgreSQL", runPostgres(b.data.postgres))
	}
	if b.data.redis != nil {
		b.stack.Add("Redis", runRedis(b.data.redis, b.logger))
	}
	if err != nil {
		return err
	}
	b.settings.Each(b.data.use)
	return nil
}

// use points a service at the servers.
func (d data) use(c *config.Infra) {
	if d.postgres != nil {
		c.DatabaseHost, c.DatabasePort = d.postgres.HostPort().Host, d.postgres.HostPort().Port
		c.DatabaseReadHost = ""
		c.DatabaseUsername, c.DatabasePassword, c.DatabaseSSLMode = d.postgres.Username(), d.postgres.Password(), "disable"
	}
	if d.redis != nil {
		c.RedisHost, c.RedisPort = d.redis.Addr().Host, d.redis.Addr().Port
		c.RedisPassword, c.RedisTLS = d.redis.Password(), false
	}
}

// runPostgres ends with the server: without the truth there is nothing to serve.
func runPostgres(server *embedded.Postgres) func(context.Context) error {
	return func(ctx context.Context) error {
		select {
		case <-ctx.Done():
			return server.Stop(context.WithoutCancel(ctx))
		case err := <-server.Exited():
			return errors.Join(err, server.Stop(ctx))
		}
	}
}

// runRedis outlives the server: nothing in it is the only copy of anything, and
// an alarm must not be refused because a cache has gone.
func runRedis(server *embedded.Redis, logger *slog.Logger) func(context.Context) error {
	return func(ctx context.Context) error {
		select {
		case <-ctx.Done():
		case err := <-server.Exited():
			logger.Error("the embedded Redis has ended; going on without it, degraded, until the next start", "error", err)
			<-ctx.Done()
		}
		return server.Stop(context.WithoutCancel(ctx))
	}
}
