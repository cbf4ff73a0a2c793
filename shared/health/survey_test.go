package health_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/loveapp/backend/shared/health"
)

func TestASurveyShowsWhatItFindsWhenAsked(t *testing.T) {
	t.Parallel()
	findings := []health.Finding{{Name: "auth-1", Role: "instance", Latency: 1500 * time.Microsecond, Lag: time.Second}}
	h, err := health.New(health.Config{Version: "1", Surveys: []health.Survey{
		{Group: health.Services, Look: func(context.Context) []health.Finding { return findings }},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if code, _, text := look(t, h, "/health/services"); code != http.StatusOK || !strings.Contains(text, `"latencyMs":1.5,"lagMs":1000`) {
		t.Errorf("%d %s", code, text)
	}
	findings = append(findings, health.Finding{Name: "auth-2", Err: errors.New("dial tcp 10.1.2.3:3001: refused")})
	code, body, text := look(t, h, "/health/services")
	if code != http.StatusServiceUnavailable || body["status"] != "degraded" || strings.Contains(text, "10.1.2.3") {
		t.Errorf("%d %s", code, text)
	}
	findings[1].Critical = true
	if code, body, _ := look(t, h, "/health"); code != http.StatusServiceUnavailable || body["status"] != "down" {
		t.Errorf("%d %v", code, body)
	}
	findings = nil
	if code, _, text := look(t, h, "/health/services"); code != http.StatusOK || !strings.Contains(text, `"checks":[]`) {
		t.Errorf("%d %s", code, text)
	}
}

func TestASurveyWithAHoleIsRefused(t *testing.T) {
	t.Parallel()
	if _, err := health.New(health.Config{Surveys: []health.Survey{{Group: health.Services}}}); err == nil {
		t.Error("no error")
	}
}
