package gateway_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/loveapp/backend/gateway"
	"github.com/loveapp/backend/shared/eventually"
)

func TestTheLogIsWholeWhenTheGatewayHasEnded(t *testing.T) {
	t.Parallel()
	c := settings(t)
	var log strings.Builder // read only after the end
	c.Logger, c.LogTo, c.LogLevel = nil, &log, "info"
	s, err := gateway.New(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	eventually.True(t, "it is alive", func() bool {
		a, err := try(t.Context(), http.MethodGet, s.URL()+"/health/live", "", "X-Request-Id", "the-last-one")
		return err == nil && a.Status == http.StatusOK
	})
	page := httptest.NewRecorder()
	c.Metrics.Handler().ServeHTTP(page, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", http.NoBody))
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if !strings.Contains(log.String(), `"request_id":"the-last-one"`) || strings.Count(log.String(), `"msg":"started"`) != 1 {
		t.Errorf("the log says %s", log.String())
	}
	if !strings.Contains(page.Body.String(), `log_lines_dropped_total{service="gateway"} 0`) {
		t.Error("what the log has lost is not among the metrics")
	}
}
