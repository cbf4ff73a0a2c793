package httpserver

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/loveapp/backend/shared/metrics"
)

// Admin binds the port for whoever collects the metrics of a process, beside the
// server that is bound already: where it cannot, that one is closed.
func Admin(ctx context.Context, beside *Server, host string, port int, m *metrics.Registry) (*Server, error) {
	listener, err := Listen(ctx, host, port)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("METRICS_PORT: %w", err), beside.Close())
	}
	admin, err := New(Config{
		Listener: listener, Handler: m.Handler(), Metrics: metrics.New("admin"),
		Logger: slog.New(slog.DiscardHandler), // a line for each scrape would tell nothing
	})
	if err != nil {
		return nil, errors.Join(err, listener.Close(), beside.Close())
	}
	beside.config.Logger.LogAttrs(ctx, slog.LevelInfo, "metrics", slog.String("metrics_url", admin.URL()))
	return admin, nil
}
