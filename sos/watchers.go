package sos

import (
	"context"
	"time"

	"github.com/loveapp/backend/sos/internal/app"
	"github.com/loveapp/backend/sos/internal/domain"
)

// watchers are the engines that look whether the others do what they promise.
func (s *Service) watchers(a Adapters, telemetry app.Telemetry) []func(context.Context) error {
	running := []func(context.Context) error{app.NewAuditor(a.Auditing, s.config.Logger, telemetry).Run}
	if account := domain.UserID(s.config.Canary); account != "" {
		running = append(running, app.NewCanary(s.app, a.Auditing, account, time.Now).Run)
	}
	return running
}
