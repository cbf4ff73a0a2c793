package sos

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/loveapp/backend/shared/argon2id"
	"github.com/loveapp/backend/shared/health"
	database "github.com/loveapp/backend/shared/postgres"
	"github.com/loveapp/backend/shared/redispool"
	"github.com/loveapp/backend/shared/servicetoken"
	"github.com/loveapp/backend/shared/token"
	"github.com/loveapp/backend/sos/internal/adapters/authclient"
	"github.com/loveapp/backend/sos/internal/adapters/notificationclient"
	"github.com/loveapp/backend/sos/internal/adapters/postgres"
)

// keyFile keeps auth's keys in DATA_DIR: a call for help is recognised although
// auth is down and this process has just started.
const keyFile = "sos-jwks.json"

// opening collects what open has made, to give it up again.
type opening struct {
	config   Config
	adapters Adapters
	store    *postgres.Store
	closers  []func() error
}

// open makes the real adapters.
func open(ctx context.Context, c Config) (Adapters, error) {
	o := &opening{config: c}
	for _, step := range []func(context.Context) error{o.database, o.peers, o.calls, o.identity} {
		if err := step(ctx); err != nil {
			return Adapters{}, errors.Join(fmt.Errorf("sos: %w", err), o.close())
		}
	}
	o.adapters.Close = o.close
	return o.adapters, nil
}

// close goes backwards: what was opened last leans on what was opened first.
func (o *opening) close() error {
	var errs []error
	for _, closer := range slices.Backward(o.closers) {
		errs = append(errs, closer())
	}
	return errors.Join(errs...)
}

func (o *opening) database(ctx context.Context) error {
	c, pulse := o.config, &postgres.Pulse{}
	settings := database.FromInfra(c.Infra, postgres.Schema, c.Logger)
	settings.Observe = pulse.Observe
	db, err := database.Open(ctx, settings)
	if err != nil {
		return err
	}
	o.closers = append(o.closers, db.Close)
	c.Metrics.Registerer().MustRegister(database.Collector(db))
	store, err := postgres.NewStore(postgres.Config{DB: db, Pulse: pulse})
	if err != nil {
		return err
	}
	confirmations := postgres.NewConfirmations(db)
	o.closers = append(o.closers, store.Close, confirmations.Close)
	o.store = store
	a := &o.adapters
	a.Confirmations = confirmations
	a.Tickets, a.Timers, a.Reading, a.Outbox = store, store, store, store
	a.Books, a.Invitations, a.People, a.Woken, a.Ledger = store, store, store, store.Woken(), store
	a.Trails, a.Seals, a.Memories, a.Erasures = store, store, store, store
	a.Consents, a.Questions, a.Calls = store, store, store
	a.Guests, a.Shares, a.Pins, a.Hasher = store, store, store, argon2id.New(argon2id.OWASP())
	a.Policies, a.Oversight, a.Dispatchers, a.Auditing = store, store, store, store
	a.Engines = append(a.Engines, store.Listen)
	a.Checks = append(a.Checks, db.Checks()...)
	a.Prepare = func(ctx context.Context) error {
		if !c.MigrateOnStart {
			return db.Ping(ctx)
		}
		return database.Migrate(ctx, database.FromInfra(c.Infra, postgres.Schema, c.Logger), postgres.Migrations())
	}
	return nil
}

func (o *opening) peers(context.Context) error {
	c := o.config
	services, err := servicetoken.New(servicetoken.Config{Secret: c.InternalSecret, Previous: c.InternalSecretPrevious})
	if err != nil {
		return err
	}
	to := func(callee string) func() (string, error) {
		return func() (string, error) { return services.Sign(servicetoken.SOS, callee) }
	}
	notifier, err := notificationclient.New(notificationclient.Config{URLs: c.NotificationURLs(), Token: to(servicetoken.Notification)})
	if err != nil {
		return err
	}
	rooms, err := notificationclient.NewRooms(notificationclient.Config{URLs: c.NotificationURLs(), Token: to(servicetoken.Notification)})
	if err != nil {
		return err
	}
	o.closers = append(o.closers, rooms.Close)
	o.adapters.Rooms = rooms
	directory, err := authclient.New(authclient.Config{URLs: c.AuthURLs(), Token: to(servicetoken.Auth)})
	if err != nil {
		return err
	}
	o.closers = append(o.closers, notifier.Close, directory.Close)
	o.adapters.Notifier, o.adapters.Post, o.adapters.Directory, o.adapters.Roster = notifier, notifier, directory, directory
	o.adapters.Checks = append(o.adapters.Checks,
		health.Check{Name: "notification", Group: health.Services, Role: "tells contacts", Probe: notifier.Ping})
	return o.revocations(to(servicetoken.Auth))
}

// revocations follow auth's list; Redis only makes the news arrive sooner.
func (o *opening) revocations(toAuth func() (string, error)) error {
	c := o.config
	redis, err := redispool.Open(redispool.FromInfra(c.Infra, c.Logger))
	if err != nil {
		return err
	}
	o.closers = append(o.closers, redis.Close)
	feed, err := token.NewRevocationFeed(token.FeedConfig{
		URLs: c.AuthURLs(), Token: toAuth, Retain: token.SOSLifetime, Ledger: o.adapters.Ledger, Redis: redis.Ping, Logger: c.Logger,
	})
	if err != nil {
		return err
	}
	o.adapters.Revoked = feed
	o.adapters.Engines = append(o.adapters.Engines, feed.Run) // it begins with what the database has kept
	o.adapters.Background = append(o.adapters.Background, func(ctx context.Context) error {
		return redis.Subscribe(ctx, []string{token.RevocationChannel}, func(string, []byte) { feed.Nudge() }, feed.Nudge)
	})
	c.Metrics.Registerer().MustRegister(redispool.Collector(redis))
	o.adapters.Checks = append(o.adapters.Checks, redis.Checks()...)
	o.adapters.Surveys = append(o.adapters.Surveys, redis.Survey())
	o.adapters.Checks = append(o.adapters.Checks, health.Check{
		Name: "auth", Group: health.Services, Role: "knows who was signed out", Probe: func(context.Context) error {
			if !feed.Healthy() {
				return errFeedSilent
			}
			return nil
		},
	})
	return nil
}

var errFeedSilent = errors.New("auth has not answered for two seconds")

func (o *opening) identity(context.Context) error {
	_ = os.MkdirAll(o.config.DataDir, 0o700) // where that fails, the keys are not kept, which their reader logs
	remote, err := token.NewRemoteKeys(token.RemoteKeysConfig{
		URLs: o.config.AuthURLs(), CacheFile: filepath.Join(o.config.DataDir, keyFile), Logger: o.config.Logger,
	})
	if err != nil {
		return err
	}
	keys := newReadyKeys(remote)
	o.adapters.Keys = keys
	o.adapters.Background = append(o.adapters.Background, func(ctx context.Context) error { return keys.keepFresh(ctx, time.Minute) })
	kept := keptKeys{remote: remote, store: o.store, logger: o.config.Logger}
	o.adapters.Engines = append(o.adapters.Engines, kept.run)
	return nil
}
