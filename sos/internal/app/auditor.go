package app

import (
	"context"
	"log/slog"
	"time"

	"github.com/loveapp/backend/sos/internal/ports"
)

// auditEvery is how long something that must never be can stay unseen.
const (
	auditEvery = 10 * time.Second
	auditLimit = 5 * time.Second
)

// Auditor looks whether the promises are kept, and tells operators. Every
// instance runs one: it costs one statement, and needs nobody to be elected.
type Auditor struct {
	auditing  ports.Auditing
	logger    *slog.Logger
	telemetry Telemetry
	mood      *mood
	last      map[string]int
}

// NewAuditor makes it; Run does the work.
func NewAuditor(auditing ports.Auditing, logger *slog.Logger, telemetry Telemetry) *Auditor {
	return &Auditor{auditing: auditing, logger: logger, telemetry: telemetry, mood: newMood(logger, "auditing"), last: map[string]int{}}
}

// Run looks again and again until ctx ends.
func (a *Auditor) Run(ctx context.Context) error {
	tick := time.NewTicker(auditEvery)
	defer tick.Stop()
	for {
		a.mood.note(ctx, a.Look(ctx))
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// Look looks once. What is as it was is not logged again.
func (a *Auditor) Look(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, auditLimit)
	defer cancel()
	found, err := a.auditing.Audit(ctx)
	if err != nil {
		return err
	}
	a.telemetry.audited(found)
	for check, n := range found.Checks() {
		switch before := a.last[check]; {
		case n > 0 && n != before:
			a.logger.LogAttrs(ctx, slog.LevelError, "a promise is not kept", slog.String("check", check), slog.Int("count", n), slog.Int("before", before))
		case n == 0 && before > 0:
			a.logger.LogAttrs(ctx, slog.LevelInfo, "a promise is kept again", slog.String("check", check), slog.Int("before", before))
		}
		a.last[check] = n
	}
	return nil
}
