package metrics_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
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
	m.Ended(metrics.Exchange{Route: "/v1/sos/tickets", Method: http.MethodPost, Status: http.StatusCreated, Took: 30 * time.Millisecond, Received: 40, Sent: 2})
	m.Began()
	m.Ended(metrics.Exchange{Method: "BREW", Status: http.StatusNotFound, Took: time.Millisecond, Received: -1})
	text := scrape(t, m)
	for _, want := range []string{
		`http_requests_total{method="POST",route="/v1/sos/tickets",service="sos",status="201"} 1`,
		`http_requests_total{method="other",route="unmatched",service="sos",status="404"} 1`,
		`http_request_duration_seconds_bucket{method="POST",route="/v1/sos/tickets",service="sos",le="0.05"} 1`,
		`http_request_bytes_total{method="POST",route="/v1/sos/tickets",service="sos"} 40`,
		`http_response_bytes_total{method="POST",route="/v1/sos/tickets",service="sos"} 2`,
		`http_request_bytes_total{method="other",route="unmatched",service="sos"} 0`,
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

func TestManyAtOnceAreAllCounted(t *testing.T) {
	t.Parallel()
	m := metrics.New("sos")
	const goroutines, each = 8, 500
	var group sync.WaitGroup
	for range goroutines {
		group.Go(func() {
			for n := range each {
				m.Began()
				m.Ended(metrics.Exchange{Route: "/a", Method: http.MethodGet, Status: 200 + n%10, Sent: 1})
			}
		})
	}
	group.Wait()
	text := scrape(t, m)
	for _, want := range []string{
		`http_requests_total{method="GET",route="/a",service="sos",status="207"} 400`,
		`http_request_duration_seconds_count{method="GET",route="/a",service="sos"} 4000`,
		`http_response_bytes_total{method="GET",route="/a",service="sos"} 4000`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("missing %s", want)
		}
	}
}
