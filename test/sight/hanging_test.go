package sight_test

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/loveapp/backend/test/world"
)

var alone sync.Mutex //nolint:gochecknoglobals // held by the test whose world runs

// begin runs a world, one at a time: each has every service.
func begin(t *testing.T, size world.Size) world.Restartable {
	t.Helper()
	alone.Lock()
	t.Cleanup(alone.Unlock)
	return world.Embedded(t, world.OwnServers(t), size)
}

// hanging is a collector that takes what it is sent and never answers, until it is released.
func hanging(t *testing.T, asked chan<- struct{}, release <-chan struct{}) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case asked <- struct{}{}:
		default:
		}
		select {
		case <-release:
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}
