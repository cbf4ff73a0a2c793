package sight_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

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
