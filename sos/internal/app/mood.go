package app

import (
	"context"
	"log/slog"
	"sync"
)

// mood logs when something that is tried all the time stops working and when it
// works again, instead of a line at every try.
type mood struct {
	logger *slog.Logger
	task   string

	mu  sync.Mutex
	bad bool
}

func newMood(logger *slog.Logger, task string) *mood {
	return &mood{logger: logger, task: task}
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
		m.logger.LogAttrs(ctx, slog.LevelWarn, "a task fails, and is tried again", slog.String("task", m.task), slog.Any("error", err))
	case err == nil && m.bad:
		m.logger.LogAttrs(ctx, slog.LevelInfo, "a task succeeds again", slog.String("task", m.task))
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
