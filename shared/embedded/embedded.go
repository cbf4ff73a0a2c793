// Package embedded runs a private PostgreSQL and a private Redis as children of
// this process, so that one command starts the whole backend and every test
// has real servers. Both listen on loopback only, on a port below 32768, and
// never outlive the process that started them.
package embedded

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os"

	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/httpserver"
)

const loopback = "127.0.0.1"

// startTries: the port is free when it is chosen, and may be taken a moment later.
const startTries = 5

// randomSecret is 256 bits from the system's source.
func randomSecret() config.Secret {
	var raw [32]byte
	_, _ = rand.Read(raw[:]) // never fails (Go 1.24)
	return config.Secret(hex.EncodeToString(raw[:]))
}

// freePort picks a port that nobody listens on at the moment.
func freePort(ctx context.Context) (config.HostPort, error) {
	listener, err := httpserver.Listen(ctx, loopback, 0)
	if err != nil {
		return config.HostPort{}, err
	}
	defer func() { _ = listener.Close() }()
	addr, err := config.ParseHosts(listener.Addr().String(), 0)
	if err != nil {
		return config.HostPort{}, err
	}
	return addr[0], nil
}

// prepareFolder makes dir, or says in one sentence why it cannot hold data.
func prepareFolder(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("data folder %s cannot be made: give a folder that this user may write to: %w", dir, err)
	}
	probe, err := os.CreateTemp(dir, ".writable-*")
	if err != nil {
		return fmt.Errorf("data folder %s is not writable: give this user the right to write there, or choose another folder: %w", dir, err)
	}
	_ = probe.Close()
	if err := os.Remove(probe.Name()); err != nil {
		return fmt.Errorf("data folder %s: %w", dir, err)
	}
	return nil
}
