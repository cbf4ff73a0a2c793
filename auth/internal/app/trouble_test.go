package app_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/loveapp/backend/auth/internal/adapters/memory"
	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/auth/internal/ports"
)

func TestOperatorsHearWhyNoLetterGoes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		carrier, c := &memory.Carrier{}, parts(t)
		carrier.Fail(&ports.SendError{Why: "smtp_misconfigured_certificate", Trouble: "the certificate expired"})
		var log bytes.Buffer
		c.Logger, c.Carriers = slog.New(slog.NewJSONHandler(&log, nil)), map[domain.Channel]ports.Carrier{domain.ByMail: carrier}
		a := newApp(t, c)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- a.Run(ctx) }()
		register(t, a)
		synctest.Wait()
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if carrier.Failed() == 0 || !strings.Contains(log.String(), "the certificate expired") || strings.Contains(log.String(), "ana@") {
			t.Errorf("after %d tries the log says %s", carrier.Failed(), log.String())
		}
	})
}
