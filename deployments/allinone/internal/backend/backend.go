// Package backend starts every service of the backend in this process, from the
// data up, and stops them from the door down.
package backend

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/loveapp/backend/deployments/allinone/internal/demo"
	"github.com/loveapp/backend/deployments/allinone/internal/lifecycle"
	"github.com/loveapp/backend/deployments/allinone/internal/settings"
	"github.com/loveapp/backend/notification"
	"github.com/loveapp/backend/shared/embedded"
	"github.com/loveapp/backend/shared/metrics"
	"github.com/loveapp/backend/shared/process"
)

// Backend is the running process.
type Backend struct {
	settings *settings.Settings
	logger   *slog.Logger
	metrics  *metrics.Registry
	folder   *process.FolderLock
	doors    settings.Doors
	stack    *lifecycle.Stack
	data     data
	sockets  *notification.Service
	demo     *demo.Account // nil where there is none
}

// Start returns once everything is ready to serve. When it fails, nothing is left running.
func Start(ctx context.Context, s *settings.Settings) (*Backend, error) {
	b := &Backend{settings: s, metrics: metrics.New("allinone"), stack: lifecycle.New(ctx)}
	b.logger = b.loggerOf("allinone")
	for _, step := range []struct {
		name string
		take func(context.Context) error
	}{
		{"open folder", b.openFolder},
		{"open doors", b.openDoors},
		{"start data", b.startData},
		{"prepare database", b.prepareDatabase},
		{"await redis", b.awaitRedis},
		{"migrate", b.migrate},
		{"start metrics", b.startMetrics},
		{"start services", b.startServices},
		{"register demo", b.registerDemo},
	} {
		began := time.Now()
		if err := step.take(ctx); err != nil {
			return nil, errors.Join(err, b.stop())
		}
		b.logger.Debug("step of the start", "step", step.name, "took", time.Since(began))
	}
	return b, nil
}

// openFolder comes first: a second start on the folder should be told so, and
// not that a port is taken.
func (b *Backend) openFolder(context.Context) (err error) {
	if b.folder, err = embedded.LockDataFolder(b.settings.DataDir); err != nil {
		return fmt.Errorf("DATA_DIR: %w", err)
	}
	made, err := settings.KeptSecrets(b.settings.DataDir)
	if err != nil {
		return err
	}
	b.settings.UseSecrets(made)
	return nil
}

func (b *Backend) openDoors(ctx context.Context) (err error) {
	b.doors, err = b.settings.Open(ctx)
	return err
}

func (b *Backend) registerDemo(ctx context.Context) error {
	if b.demo == nil {
		return nil
	}
	return b.demo.Register(ctx, "http://"+b.doors.Gateway.Addr().String())
}

// Wait returns when ctx ends or a part falls, after everything has been
// stopped in order. Only the end of ctx is a good end.
func (b *Backend) Wait(ctx context.Context) error {
	var fallen error
	select {
	case <-ctx.Done():
	case err := <-b.stack.Ended():
		fallen = fmt.Errorf("stopped, because a part of it ended: %w: start it again", err)
	}
	return errors.Join(fallen, b.stop())
}

func (b *Backend) stop() error {
	err := errors.Join(b.stack.Stop(), b.doors.Close())
	if b.folder != nil {
		b.folder.Release()
	}
	return err
}
