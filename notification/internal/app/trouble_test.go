package app_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/loveapp/backend/notification/internal/app"
	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/shared/eventually"
)

func TestOperatorsHearWhyAProviderIsNotTrusted(t *testing.T) {
	t.Parallel()
	w := newTown()
	var log bytes.Buffer
	outfit := w.outfit
	w.outfit = func(c *app.Config) {
		outfit(c)
		c.Logger = slog.New(slog.NewJSONHandler(&log, nil))
	}
	w.fcm.Answer(func(context.Context, domain.Parcel) error {
		return &domain.SendError{Provider: domain.FCM, Kind: domain.Unreachable, Code: "certificate", Trouble: "the certificate expired"}
	})
	one := w.start(t, quick())
	ana := w.resident()
	one.notify(ana, domain.Critical)
	eventually.True(t, "it was tried", func() bool {
		page, err := w.store.List(t.Context(), ana, domain.Filter{}, 0, 1)
		if err != nil || len(page.Items) == 0 {
			return false
		}
		tried, err := w.store.OfEvent(t.Context(), string(page.Items[0].ID), domain.Position{}, 10)
		return err == nil && len(tried) == 1 && tried[0].Code == "certificate"
	})
	one.stop() // the log is whole
	if !strings.Contains(log.String(), "the certificate expired") {
		t.Errorf("the log says %q", log.String())
	}
}
