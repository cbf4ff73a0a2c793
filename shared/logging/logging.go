// Package logging makes the structured logger of a process: one JSON object a line.
package logging

import (
	"io"
	"log/slog"
	"strings"
)

// New logs to w as JSON from the named level on (debug, info, warn, error;
// anything else is info). Every line carries the service's name.
func New(w io.Writer, service, level string) *slog.Logger {
	var l slog.Level
	if err := l.UnmarshalText([]byte(strings.ToUpper(level))); err != nil {
		l = slog.LevelInfo
	}
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: l})).With("service", service)
}
