package sostest

import (
	"context"
	"log/slog"
	"time"

	"github.com/loveapp/backend/shared/servicetoken"
	"github.com/loveapp/backend/shared/token"
	"github.com/loveapp/backend/sos"
	"github.com/loveapp/backend/sos/internal/adapters/authclient"
	"github.com/loveapp/backend/sos/internal/adapters/notificationclient"
)

// connect replaces what stands in for the peers by the peers themselves.
func (s *SOS) connect(o Options, a *sos.Adapters) {
	s.tb.Helper()
	services, err := servicetoken.New(servicetoken.Config{Secret: s.InternalSecret, Now: s.clock.now})
	s.must(err)
	to := func(callee string) func() (string, error) {
		return func() (string, error) { return services.Sign(servicetoken.SOS, callee) }
	}
	s.signer, err = token.NewSigner(token.SignerConfig{Secret: signingSecret})
	s.must(err)
	a.Keys = s.signer
	if len(o.NotificationURLs) > 0 {
		client, err := notificationclient.New(notificationclient.Config{URLs: o.NotificationURLs, Token: to(servicetoken.Notification)})
		s.must(err)
		a.Notifier, a.Post = client, client
		rooms, err := notificationclient.NewRooms(notificationclient.Config{URLs: o.NotificationURLs, Token: to(servicetoken.Notification)})
		s.must(err)
		a.Rooms = rooms
		s.tb.Cleanup(func() { _ = rooms.Close() })
		s.tb.Cleanup(func() { _ = client.Close() })
	}
	if len(o.AuthURLs) > 0 {
		s.connectAuth(o, a, to(servicetoken.Auth))
	}
}

func (s *SOS) connectAuth(o Options, a *sos.Adapters, serviceToken func() (string, error)) {
	s.tb.Helper()
	keys, err := token.NewRemoteKeys(token.RemoteKeysConfig{URLs: o.AuthURLs, Logger: slog.New(slog.DiscardHandler), Now: s.clock.now})
	s.must(err)
	feed, err := token.NewRevocationFeed(token.FeedConfig{
		URLs: o.AuthURLs, Token: serviceToken, Retain: token.SOSLifetime, Interval: 50 * time.Millisecond, Logger: slog.New(slog.DiscardHandler), Now: s.clock.now,
		Redis: func(context.Context) error { return nil }, // the clock may be moved: then auth has not answered lately
	})
	s.must(err)
	directory, err := authclient.New(authclient.Config{URLs: o.AuthURLs, Token: serviceToken})
	s.must(err)
	s.tb.Cleanup(func() { _ = directory.Close() })
	a.Keys, a.Revoked, a.Directory, a.Roster = keys, feed, directory, directory
	a.Background = append(a.Background, feed.Run)
}

func (s *SOS) must(err error) {
	s.tb.Helper()
	if err != nil {
		s.tb.Fatalf("start sos: %v", err)
	}
}
