package notification_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/loveapp/backend/notification"
	"github.com/loveapp/backend/notification/internal/ports/portstest"
	"github.com/loveapp/backend/notification/internal/providertest"
	"github.com/loveapp/backend/shared/eventually"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/metrics"
)

// page is what Prometheus reads.
func page(t *testing.T, m *metrics.Registry) string {
	t.Helper()
	answer := httptest.NewRecorder()
	m.Handler().ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", http.NoBody))
	return answer.Body.String()
}

// figure is one of the page's: the sum over its labels but those that are named.
func figure(page, name string, labels ...string) (sum float64, there bool) {
	for line := range strings.Lines(page) {
		rest, ok := strings.CutPrefix(line, name)
		if !ok || !strings.HasPrefix(rest, "{") && !strings.HasPrefix(rest, " ") {
			continue
		}
		named := true
		for _, label := range labels {
			named = named && strings.Contains(rest, label)
		}
		var value float64
		if _, err := fmt.Sscan(rest[strings.LastIndex(rest, " "):], &value); err == nil && named {
			sum, there = sum+value, true
		}
	}
	return sum, there
}

// logbook is a log that is read while it is written.
type logbook struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logbook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logbook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// What NOTIFICATION.md has operators see is there, and moves when it happens.
func TestOperatorsSeeWhatHappens(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	other, push, said := c.start(), providertest.NewWebPush(t), &logbook{}
	public, private, err := notification.NewVAPIDKeys()
	if err != nil {
		t.Fatal(err)
	}
	cfg := c.config()
	cfg.VAPIDPublicKey, cfg.VAPIDPrivateKey, cfg.VAPIDSubject, cfg.PrivatePush = public, private, "ops@example.org", true
	cfg.Logger = slog.New(slog.NewTextHandler(said, nil))
	if cfg.Listener, err = httpserver.Listen(t.Context(), "127.0.0.1", 0); err != nil {
		t.Fatal(err)
	}
	one := c.run(cfg)
	shows := func(atLeast float64, name string, labels ...string) {
		t.Helper()
		eventually.True(t, fmt.Sprint(name, labels, " of ", atLeast), func() bool {
			value, there := figure(page(t, cfg.Metrics), name, labels...)
			return there && value >= atLeast
		})
	}
	if text := said.String(); !strings.Contains(text, "without credentials") || !strings.Contains(text, "sms") || strings.Contains(text, "webpush") {
		t.Errorf("of providers that are off the start says %s", text)
	}
	ana, ben := newID(), newID()
	one.subscribe(push, ana)
	one.connect(ben)
	shows(1, "ws_connections")
	shows(1, "ws_authenticated_connections")
	one.notify(ben, "high")
	shows(1, "notifications_stored_total")
	shows(1, "notifications_delivered_total")
	shows(1, "ws_messages_sent_total")
	shows(1, "ws_delivery_lag_seconds_count")
	one.notify(ana, "critical")
	shows(1, "notification_hops_total", `channel="push"`)
	shows(1, "notification_hop_lateness_seconds_count")
	shows(1, "notification_delivery_attempts_total", `provider="webpush"`, `outcome="sent"`)
	push.Behave(portstest.Refuses)
	one.notify(ana, "critical")
	shows(1, "notification_delivery_attempts_total", `outcome="dead"`)
	c.loseRedis()
	other.notify(ben, "high") // goes by the database, which says only that there is something
	shows(1, "notifications_repaired_total")
	for _, name := range []string{
		"ws_registry_ghosts_reaped_total", "ws_registry_epochs_total", "redis_subscription_probe_failures_total", "notifications_route_failures_total",
		"notifications_queue_overflows_total", "ws_dead_peers_total", "ws_waiting_bytes", "events_connections",
	} {
		shows(0, name)
	}
}
