package backend

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/loveapp/backend/auth"
	"github.com/loveapp/backend/gateway"
	"github.com/loveapp/backend/notification"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/logging"
	"github.com/loveapp/backend/sos"
)

// service is what the façades have in common.
type service interface {
	URL() string
	Run(ctx context.Context) error
}

// startServices runs what stands on the data, each when those below it are
// ready: sos tells notification, both ask auth, and the gateway leads to all.
// The door comes last, so that the stack closes it first.
func (b *Backend) startServices(ctx context.Context) error {
	for _, s := range []struct {
		name string
		make func(context.Context) (service, error)
	}{
		{"auth", b.newAuth},
		{"notification", b.newNotification},
		{"sos", b.newSOS},
		{"gateway", b.newGateway},
	} {
		made, err := s.make(ctx)
		if err != nil {
			return fmt.Errorf("start %s: %w", s.name, err)
		}
		b.stack.Add(s.name, made.Run)
		if err := b.awaitReady(ctx, s.name, made.URL()); err != nil {
			return err
		}
	}
	b.stack.Add("sockets", b.farewell)
	return nil
}

// farewell stands on top: sockets are told while the door is still open.
func (b *Backend) farewell(ctx context.Context) error {
	<-ctx.Done()
	b.sockets.Farewell(context.WithoutCancel(ctx))
	return nil
}

// startMetrics serves the metrics of all services on one port.
func (b *Backend) startMetrics(context.Context) error {
	admin, err := httpserver.New(httpserver.Config{
		Listener: b.doors.Admin, Handler: b.metrics.Handler(), Metrics: b.metrics,
		Logger: slog.New(slog.DiscardHandler), // a line for each scrape would tell nothing
	})
	if err != nil {
		return fmt.Errorf("serve the metrics: %w", err)
	}
	b.stack.Add("metrics", admin.Run)
	return nil
}

func (b *Backend) newAuth(ctx context.Context) (service, error) {
	c := b.settings.Auth
	c.Logger, c.Metrics, c.Version = b.loggerOf("auth"), b.metrics.Beside("auth"), version()
	return auth.New(ctx, c)
}

func (b *Backend) newNotification(ctx context.Context) (service, error) {
	c := b.settings.Notification
	c.Logger, c.Metrics, c.Version = b.loggerOf("notification"), b.metrics.Beside("notification"), version()
	made, err := notification.New(ctx, c)
	b.sockets = made
	return made, err
}

func (b *Backend) newSOS(ctx context.Context) (service, error) {
	c := b.settings.SOS
	c.Logger, c.Metrics, c.Version = b.loggerOf("sos"), b.metrics.Beside("sos"), version()
	return sos.New(ctx, c)
}

func (b *Backend) newGateway(ctx context.Context) (service, error) {
	c := b.settings.Gateway
	c.Logger, c.Metrics, c.Version = b.loggerOf("gateway"), b.metrics.Beside("gateway"), version()
	return gateway.New(ctx, c)
}

func (b *Backend) loggerOf(name string) *slog.Logger {
	return logging.New(os.Stderr, name, b.settings.LogLevel)
}

const (
	readyEvery = 5 * time.Millisecond
	readyLimit = 30 * time.Second
)

// awaitReady returns when the service at url says that it is ready.
func (b *Backend) awaitReady(ctx context.Context, name, url string) error {
	ctx, cancel := context.WithTimeoutCause(ctx, readyLimit, fmt.Errorf("%s was not ready after %s: the log above says why", name, readyLimit))
	defer cancel()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	tick := time.NewTicker(readyEvery)
	defer tick.Stop()
	for !ready(ctx, client, url) {
		select {
		case <-tick.C:
		case err := <-b.stack.Ended():
			return err
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

func ready(ctx context.Context, client *http.Client, url string) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/health/ready", nil)
	if err != nil {
		return false
	}
	res, err := client.Do(req)
	if err != nil {
		return false
	}
	_ = res.Body.Close()
	return res.StatusCode == http.StatusOK
}
