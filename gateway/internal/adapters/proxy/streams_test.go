package proxy_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/loveapp/backend/gateway/internal/adapters/proxy"
	"github.com/loveapp/backend/gateway/internal/domain"
)

// endless is a stream that ends when its request does.
func endless(started chan<- struct{}) func(string, *http.Request) (*http.Response, error) {
	return func(_ string, req *http.Request) (*http.Response, error) {
		reader, writer := io.Pipe()
		context.AfterFunc(req.Context(), func() { _ = writer.CloseWithError(context.Cause(req.Context())) })
		started <- struct{}{}
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, ContentLength: -1, Body: reader}, nil
	}
}

// hold opens a stream and gives what tells that it has ended.
func hold(b *bench) <-chan struct{} {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer func() { _ = recover() }() // net/http's own way to cut an answer short
		b.handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", http.NoBody))
	}()
	return ended
}

func TestStreamsAreCountedAndEndedWhenTheGatewayStops(t *testing.T) {
	t.Parallel()
	started := make(chan struct{}, 2)
	b := over(t, domain.Events, endless(started), "a:1")
	proxy.LimitStreams(b.proxy, 2)
	first, second := hold(b), hold(b)
	<-started
	<-started
	if w := b.get(t.Context()); w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
		t.Errorf("one too many: %d", w.Code)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	b.proxy.CloseTunnels(ctx)
	<-first
	<-second
	if w := b.get(t.Context()); w.Code != http.StatusServiceUnavailable {
		t.Errorf("while it stops: %d", w.Code)
	}
}
