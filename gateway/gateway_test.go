package gateway_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/loveapp/backend/gateway"
	"github.com/loveapp/backend/gateway/api"
	"github.com/loveapp/backend/gateway/gatewaytest"
	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/eventually"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/metrics"
	"github.com/loveapp/backend/shared/redispool"
	"github.com/loveapp/backend/shared/redispool/redistest"
)

// settings are what an operator would set, on free ports.
func settings(t *testing.T) gateway.Config {
	t.Helper()
	listener, err := httpserver.Listen(t.Context(), "127.0.0.1", 0)
	if err != nil {
		t.Fatal(err)
	}
	c := gateway.Config{
		RateLimitShort: "3/1m", GatewayInstances: 1, MaxInFlight: 100, MaxTunnels: 100,
		Listener: listener, Logger: slog.New(slog.DiscardHandler), Metrics: metrics.New("gateway"),
	}
	c.InternalSecret = "gateway tests: long enough a secret"
	c.PublicURL, c.DrainTimeout = "http://localhost:3000", config.Duration(5*time.Second)
	c.DatabasePoolMax = 1
	c.RedisHost, c.AuthServiceHost, c.NotificationServiceHost, c.SOSServiceHost = "127.0.0.1:1", "127.0.0.1:1", "127.0.0.1:1", "127.0.0.1:1"
	return c
}

func run(t *testing.T, c gateway.Config) string {
	t.Helper()
	s, err := gateway.New(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	eventually.True(t, "it is ready", func() bool {
		a, err := try(t.Context(), http.MethodGet, s.URL()+"/health/ready", "")
		return err == nil && a.Status == http.StatusOK
	})
	return s.URL()
}

func TestItStartsWithNothingBehindItAndSaysSo(t *testing.T) {
	t.Parallel()
	url := run(t, settings(t))
	if a := send(t, http.MethodGet, url+"/health/live", ""); a.Status != http.StatusOK {
		t.Errorf("live: %d", a.Status)
	}
	a := send(t, http.MethodGet, url+"/health", "")
	if a.Status != http.StatusServiceUnavailable || !strings.Contains(a.Body, `"status":"down"`) || strings.Contains(a.Body, "127.0.0.1") {
		t.Errorf("health: %d %s", a.Status, a.Body)
	}
	for i, want := range []int{503, 503, 503, 429} {
		if a := send(t, http.MethodGet, url+"/v1/sos/emergency-numbers", ""); a.Status != want {
			t.Errorf("request %d: %d", i, a.Status)
		}
	}
}

func TestItCountsInTheRedisThatIsConfigured(t *testing.T) {
	t.Parallel()
	redis := redistest.Config(t)
	pool, err := redispool.Open(redis)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pool.Close() })
	c := settings(t)
	c.RedisHost, c.RedisPassword, c.RateLimitShort = redis.Addrs[0].Addr(), redis.Password, "1000/1m"
	url := run(t, c)
	eventually.True(t, "the client is counted in Redis", func() bool { // a request that Redis kept waiting was counted here
		send(t, http.MethodGet, url+"/v1/sos/emergency-numbers", "")
		found, err := pool.Do(t.Context(), "EXISTS", "limits:a:127.0.0.1")
		return err == nil && found == int64(1)
	})
	if a := send(t, http.MethodGet, url+"/health/redis", ""); a.Status != http.StatusOK || !strings.Contains(a.Body, `"status":"up"`) {
		t.Errorf("%d %s", a.Status, a.Body)
	}
}

func TestATakenPortIsOneClearSentence(t *testing.T) {
	t.Parallel()
	taken := settings(t)
	url := run(t, taken)
	c := settings(t)
	_ = c.Listener.Close()
	c.Listener, c.ListenHost = nil, "127.0.0.1"
	port, err := strconv.Atoi(url[strings.LastIndex(url, ":")+1:])
	if err != nil {
		t.Fatal(err)
	}
	c.Port = port
	if _, err := gateway.New(t.Context(), c); err == nil || !strings.Contains(err.Error(), "is taken by another process") {
		t.Errorf("%v", err)
	}
}

// book is a log that a test reads while the gateway writes it.
type book struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *book) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *book) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

func TestTheLogHasOneLineForARequestAndNoSecret(t *testing.T) {
	t.Parallel()
	log := &book{}
	w := start(t, gatewaytest.Options{Logger: slog.New(slog.NewJSONHandler(log, nil))})
	alice := w.people.bearer(t, "alice")
	send(t, http.MethodPost, w.URL+"/v1/sos/tickets/0198c0de/comment?secret=query", `{"note":"secret body"}`, "Authorization", alice, "X-Request-Id", "the-one", "X-A", "two\tlines")
	eventually.True(t, "the line is written", func() bool { return strings.Contains(log.String(), "the-one") })
	if n := strings.Count(log.String(), `"request_id":"the-one"`); n != 1 {
		t.Errorf("%d lines", n)
	}
	for _, secret := range []string{"secret", "Bearer", alice[10:40], "0198c0de"} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("%q stands in the log", secret)
		}
	}
	if !strings.Contains(log.String(), `"route":"/v1/sos/tickets/:id/comment"`) {
		t.Errorf("%s", log)
	}
}

func TestTheSpecificationNamesWhatTheGatewayAnswersItself(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/health", "/health/live", "/health/ready", "/health/database", "/health/redis", "/health/services", "/openapi.json", "/docs"} {
		if !bytes.Contains(api.Spec(), []byte("\n  "+path+":\n")) {
			t.Errorf("%s is missing", path)
		}
	}
}
