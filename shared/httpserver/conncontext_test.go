package httpserver_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"testing"

	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/metrics"
)

type connKey struct{}

func TestAHandlerFindsWhatConnContextSaysOfItsConnection(t *testing.T) {
	t.Parallel()
	l, err := httpserver.Listen(t.Context(), "127.0.0.1", 0)
	if err != nil {
		t.Fatal(err)
	}
	s, err := httpserver.New(httpserver.Config{
		Listener: l, Logger: slog.New(slog.DiscardHandler), Metrics: metrics.New("test"),
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			return context.WithValue(ctx, connKey{}, c.RemoteAddr().String())
		},
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			known, _ := r.Context().Value(connKey{}).(string)
			_, _ = io.WriteString(w, known+" "+r.RemoteAddr)
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL(), http.NoBody)
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if half := len(body) / 2; half < 5 || string(body[:half]) != string(body[half+1:]) {
		t.Errorf("%q", body)
	}
}
