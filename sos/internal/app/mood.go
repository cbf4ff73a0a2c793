package app

import (
	"context"
	"log/slog"
	"sync"
)

// mood logs when something that is tried all the time stops working and when it
// works again, instead of a line at every try.
type mood struct {
	logger     *slog.Logger
	lost, back string

	mu  sync.Mutex
	bad bool
}

func newMood(logger *slog.Logger, lost, back string) *mood {
	return &mood{logger: logger, lost: lost, back: back}
}

// note takes the result of a try and tells whether it is the first good one after a bad one.
func (m *mood) note(ctx context.Context, err error) (recovered bool) {
	if ctx.Err() != nil {
		return false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case err != nil && !m.bad:
		m.logger.LogAttrs(ctx, slog.LevelWarn, m.lost, slog.Any("error", err))
	case err == nil && m.bad:
		m.logger.LogAttrs(ctx, slog.LevelInfo, m.back)
		recovered = true
	}
	m.bad = err != nil
	return recovered
}

func (m *mood) isBad() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.bad
}
