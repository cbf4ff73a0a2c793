package sos

import (
	"bytes"
	"context"
	"log/slog"
	"time"

	"github.com/loveapp/backend/shared/token"
	"github.com/loveapp/backend/sos/internal/adapters/postgres"
)

// keptKeys keeps auth's public keys in the database, too: a copy on a machine
// that is new, or whose folder was lost, knows who calls for help while auth is down.
type keptKeys struct {
	remote *token.RemoteKeys
	store  *postgres.Store
	logger *slog.Logger
}

// keepKeysEvery is how soon a set that auth has published is kept.
const keepKeysEvery = time.Second

// run begins with what was kept, and keeps what is new until ctx ends.
func (k keptKeys) run(ctx context.Context) error {
	kept := k.load(ctx)
	tick := time.NewTicker(keepKeysEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			kept = k.keep(ctx, kept)
		case <-ctx.Done():
			return nil
		}
	}
}

func (k keptKeys) load(ctx context.Context) []byte {
	kept, err := k.store.LoadKeys(ctx)
	if err == nil && kept != nil {
		err = k.remote.Offer(kept)
	}
	if err != nil {
		k.logger.LogAttrs(ctx, slog.LevelWarn, "kept keys not usable", slog.Any("error", err))
	}
	return kept
}

// keep gives what the database has then; what fails is tried again.
func (k keptKeys) keep(ctx context.Context, kept []byte) []byte {
	published := k.remote.Published()
	if published == nil || bytes.Equal(published, kept) || k.store.KeepKeys(ctx, published) != nil {
		return kept
	}
	return published
}
