package program

import (
	"context"
	"log/slog"
	"time"
)

// Waits between two tries to make ready.
const (
	firstRetry = 250 * time.Millisecond
	lastRetry  = 5 * time.Second
)

// Start is a service on its way to its first request.
type Start struct {
	// Prepare makes ready; it is tried until it succeeds.
	Prepare func(ctx context.Context) error
	Logger  *slog.Logger
	URL     string
	Version string
}

// Wait tries until the service is ready; false where ctx ended before. Services
// start in any order, so a database that is away is waited for.
func (s Start) Wait(ctx context.Context) bool {
	for wait := firstRetry; ; wait = min(2*wait, lastRetry) {
		err := s.Prepare(ctx)
		if err == nil {
			s.Logger.LogAttrs(ctx, slog.LevelInfo, "started", slog.String("url", s.URL), slog.String("version", s.Version))
			return true
		}
		if ctx.Err() != nil {
			return false
		}
		s.Logger.LogAttrs(ctx, slog.LevelWarn, "not started yet: the database cannot be used", slog.Any("error", err), slog.Duration("retry_in", wait))
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return false
		}
	}
}
