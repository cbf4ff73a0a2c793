// Package notification is the notification service: inboxes, and the sockets
// that keep every device of every user up to date. New binds it, Run serves and
// drains it.
package notification

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/loveapp/backend/notification/internal/adapters/authclient"
	"github.com/loveapp/backend/notification/internal/adapters/postgres"
	"github.com/loveapp/backend/notification/internal/adapters/redisstore"
	"github.com/loveapp/backend/notification/internal/adapters/sosclient"
	"github.com/loveapp/backend/shared/health"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/metrics"
	database "github.com/loveapp/backend/shared/postgres"
	"github.com/loveapp/backend/shared/redispool"
	"github.com/loveapp/backend/shared/servicetoken"
	"github.com/loveapp/backend/shared/token"
)

// Migrate brings the database's schema up to date.
func Migrate(ctx context.Context, c Config) error {
	if err := c.Validate(); err != nil {
		return err
	}
	return database.Migrate(ctx, database.FromInfra(c.Infra, postgres.Schema, c.Logger), postgres.Migrations)
}

// New binds the service on PostgreSQL and Redis. Neither they nor auth need be
// up: Run waits for the database, and nothing waits for the others.
func New(ctx context.Context, c Config) (*Service, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	c = c.withDefaults()
	adminPort := c.Metrics == nil
	if adminPort {
		c.Metrics = metrics.New("notification")
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
	keys, err := token.NewRemoteKeys(token.RemoteKeysConfig{URLs: c.AuthURLs(), CacheFile: c.keyFile(), Logger: c.Logger})
	if err != nil {
		return Adapters{}, fmt.Errorf("notification: %w", err)
	}
	services, err := servicetoken.New(servicetoken.Config{Secret: c.InternalSecret, Previous: c.InternalSecretPrevious})
	if err != nil {
		return Adapters{}, fmt.Errorf("notification: %w", err)
	}
	owner, err := sosclient.New(sosclient.Config{
		URLs: c.SOSURLs(), Token: func() (string, error) { return services.Sign(servicetoken.Notification, servicetoken.SOS) },
	})
	if err != nil {
		return Adapters{}, fmt.Errorf("notification: %w", err)
	}
	people, err := authclient.New(authclient.Config{
		URLs: c.AuthURLs(), Token: func() (string, error) { return services.Sign(servicetoken.Notification, servicetoken.Auth) },
	})
	if err != nil {
		return Adapters{}, fmt.Errorf("notification: %w", err)
	}
	db, err := database.Open(ctx, database.FromInfra(c.Infra, postgres.Schema, c.Logger))
	if err != nil {
		return Adapters{}, fmt.Errorf("notification: %w", err)
	}
	redis, err := redispool.Open(redispool.FromInfra(c.Infra, c.Logger))
	if err != nil {
		return Adapters{}, errors.Join(fmt.Errorf("notification: %w", err), db.Close())
	}
	feed, err := c.revocations(services, db, redis)
	if err != nil {
		return Adapters{}, errors.Join(fmt.Errorf("notification: %w", err), db.Close(), redis.Close())
	}
	c.Metrics.Registerer().MustRegister(database.Collector(db), redispool.Collector(redis))
	return Adapters{
		Store: postgres.NewStore(db), Alerts: postgres.NewAlerts(db), Preferences: postgres.NewPreferences(db), Templates: postgres.NewTemplates(db), Devices: postgres.NewDevices(db), People: people,
		Registry: redisstore.NewRegistry(redis), Bus: redisstore.NewBus(redis), Tickets: redisstore.NewTickets(redis), Owner: owner,
		Keys: keys, Revocations: feed,
		Background: []func(context.Context) error{feed.Run, nudges(redis, feed)},
		Prepare: func(ctx context.Context) error {
			if !c.MigrateOnStart {
				return db.Ping(ctx)
			}
			return database.Migrate(ctx, database.FromInfra(c.Infra, postgres.Schema, c.Logger), postgres.Migrations)
		},
		Checks:  append(append(db.Checks(), redis.Checks()...), followed(feed)),
		Surveys: []health.Survey{redis.Survey()},
		Close:   func() error { return errors.Join(db.Close(), redis.Close(), owner.Close(), people.Close()) },
	}, nil
}

// shortestRetention: a revocation is kept for as long as a token that it ends may
// live, and no less than this, for tokens that were signed under another setting.
const shortestRetention = 15 * time.Minute

// feedInterval leaves room in the second within which a revocation has to close
// sockets: for the pull itself, and for finding them.
const feedInterval = 500 * time.Millisecond

// revocations are kept in the database, too: an end of a session that nobody
// was here to hear of still takes its devices along.
func (c Config) revocations(services *servicetoken.Keys, db *database.DB, redis *redispool.Pool) (*token.RevocationFeed, error) {
	retain := max(shortestRetention, c.JWTExpiresIn.Std())
	return token.NewRevocationFeed(token.FeedConfig{
		URLs: c.AuthURLs(), Interval: feedInterval, Retain: retain, Ledger: postgres.NewLedger(db, retain),
		Redis: redis.Ping, Logger: c.Logger,
		Token: func() (string, error) { return services.Sign(servicetoken.Notification, servicetoken.Auth) },
	})
}

// nudges has the feed pull as soon as auth says that there is something new.
func nudges(redis *redispool.Pool, feed *token.RevocationFeed) func(context.Context) error {
	return func(ctx context.Context) error {
		return redis.Subscribe(ctx, []string{token.RevocationChannel}, func(string, []byte) { feed.Nudge() }, feed.Nudge)
	}
}

var errStale = errors.New("auth has not answered lately: what it has revoked since is unknown here")

func followed(feed *token.RevocationFeed) health.Check {
	return health.Check{Name: "auth", Group: health.Services, Role: "revocations", Probe: func(context.Context) error {
		if !feed.Healthy() {
			return errStale
		}
		return nil
	}}
}

// bind listens where the config says and puts the service together.
func bind(ctx context.Context, c Config, adapters Adapters) (*Service, error) {
	if c.Listener == nil {
		listener, err := httpserver.Listen(ctx, c.ListenHost, c.NotificationServicePort)
		if err != nil {
			return nil, fmt.Errorf("notification: NOTIFICATION_SERVICE_PORT: %w", err)
		}
		c.Listener = listener
	}
	s, err := Assemble(c, adapters)
	if err != nil {
		return nil, errors.Join(err, c.Listener.Close())
	}
	return s, nil
}
