package metrics_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/loveapp/backend/shared/metrics"
	"github.com/prometheus/client_golang/prometheus"
)

func scrape(t *testing.T, m *metrics.Registry) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", http.NoBody))
	if w.Code != http.StatusOK {
		t.Fatalf("scrape answered %d", w.Code)
	}
	return w.Body.String()
}

func TestRequestsAreCountedByRouteAndStatus(t *testing.T) {
	t.Parallel()
	m := metrics.New("sos")
	m.Began()
	m.Ended("/v1/sos/tickets", http.MethodPost, http.StatusCreated, 30*time.Millisecond)
	m.Began()
	m.Ended("", "BREW", http.StatusNotFound, time.Millisecond)
	text := scrape(t, m)
	for _, want := range []string{
		`http_requests_total{method="POST",route="/v1/sos/tickets",service="sos",status="201"} 1`,
		`http_requests_total{method="other",route="unmatched",service="sos",status="404"} 1`,
		`http_request_duration_seconds_bucket{method="POST",route="/v1/sos/tickets",service="sos",le="0.05"} 1`,
		`http_requests_in_flight{service="sos"} 0`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("missing %s", want)
		}
	}
}

func TestServicesOfOneProcessShareAnAdminPort(t *testing.T) {
	t.Parallel()
	first := metrics.New("gateway")
	second := first.Beside("sos")
	own := prometheus.NewCounter(prometheus.CounterOpts{Name: "alarms_total", Help: "Alarms."})
	second.Registerer().MustRegister(own)
	own.Inc()
	first.Began()
	second.Began()
	text := scrape(t, first)
	for _, want := range []string{`alarms_total{service="sos"} 1`, `http_requests_in_flight{service="gateway"} 1`, `http_requests_in_flight{service="sos"} 1`} {
		if !strings.Contains(text, want) {
			t.Errorf("missing %s", want)
		}
	}
}
