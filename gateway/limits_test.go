package gateway_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/loveapp/backend/gateway/gatewaytest"
	"github.com/loveapp/backend/gateway/internal/adapters/redisstore"
	"github.com/loveapp/backend/shared/eventually"
	"github.com/loveapp/backend/shared/health"
	"github.com/loveapp/backend/shared/redispool"
	"github.com/loveapp/backend/shared/redispool/redistest"
)

// knock sends n requests and counts those that are not denied.
func knock(t *testing.T, n int, method, url string, headers ...string) (passed int, last answer) {
	t.Helper()
	for range n {
		last = send(t, method, url, "", headers...)
		switch last.Status {
		case http.StatusOK:
			passed++
		case http.StatusTooManyRequests:
		default:
			t.Fatalf("%s %s: %d %s", method, url, last.Status, last.Body)
		}
	}
	return passed, last
}

func TestWhoeverIsOverTheLimitIsToldHowLongToWait(t *testing.T) {
	t.Parallel()
	w := start(t, gatewaytest.Options{Short: "5/1m", General: "50/1s:100"})
	url := w.URL + "/.well-known/jwks.json"
	first := send(t, http.MethodGet, url, "")
	if first.Header.Get("RateLimit-Policy") != `"short";q=5;w=60` || first.Header.Get("RateLimit") != `"short";r=4;t=60` {
		t.Errorf("%q, %q", first.Header.Get("RateLimit-Policy"), first.Header.Get("RateLimit"))
	}
	passed, last := knock(t, 9, http.MethodGet, url)
	if passed != 4 {
		t.Errorf("%d passed after the first", passed)
	}
	wait, err := strconv.Atoi(last.Header.Get("Retry-After"))
	if last.problem(t).Code != "rate_limited" || err != nil || wait < 60 || wait > 80 ||
		!regexp.MustCompile(`^"short";r=0;t=(59|60)$`).MatchString(last.Header.Get("RateLimit")) {
		t.Errorf("%v %s", last.Header, last.Body)
	}
}

func TestClassesOfRoutesHaveLimitsOfTheirOwn(t *testing.T) {
	t.Parallel()
	w := start(t, gatewaytest.Options{General: "1/1h:6", Auth: "1/1h:4", SOS: "1/1h:2", Urgent: "1/1h:8"})
	for name, c := range map[string]struct {
		method, path string
		want         int
	}{
		"general": {http.MethodGet, "/v1/notifications/push-config", 6},
		"auth":    {http.MethodPost, "/v1/auth/login", 4},
		"sos":     {http.MethodGet, "/v1/sos/tickets/1", 2},
		"urgent":  {http.MethodPost, "/v1/sos/tickets/1/locations", 8},
		"stream":  {http.MethodGet, "/v1/events", 6},
		"alarm":   {http.MethodPost, "/v1/sos/tickets", 12},
		"guest":   {http.MethodPost, "/v1/sos/guest/tickets", 12},
		"health":  {http.MethodGet, "/health/live", 12},
	} {
		if passed, _ := knock(t, 12, c.method, w.URL+c.path); passed != c.want {
			t.Errorf("%s: %d of 12 passed, want %d", name, passed, c.want)
		}
	}
	if w.metric(t, "gateway_limiter_decisions_total") == 0 {
		t.Error("no decision is counted")
	}
}

func TestLimitsCountUsersWhereTheirTokenIsGoodAndElseAddresses(t *testing.T) {
	t.Parallel()
	w := start(t, gatewaytest.Options{Short: "3/1m", SharedAddresses: "100.64.0.0/10"})
	url := w.URL + "/v1/notifications/push-config"
	for _, c := range []struct {
		who     string
		want    int
		headers []string
	}{
		{"alice", 3, []string{"Authorization", w.people.bearer(t, "alice"), "X-Forwarded-For", "192.0.2.1"}},
		{"alice from elsewhere", 0, []string{"Authorization", w.people.bearer(t, "alice"), "X-Forwarded-For", "192.0.2.2"}},
		{"bob at alice's address", 3, []string{"Authorization", w.people.bearer(t, "bob"), "X-Forwarded-For", "192.0.2.1"}},
		{"nobody at alice's address", 3, []string{"X-Forwarded-For", "192.0.2.1"}},
		{"a forger there", 0, []string{"Authorization", "Bearer forged", "X-Forwarded-For", "192.0.2.1"}},
		{"an IPv6 site", 3, []string{"X-Forwarded-For", "2001:db8:1:1::1"}},
		{"another address of the site", 0, []string{"X-Forwarded-For", "2001:db8:1:1:ffff::2"}},
		{"another site", 3, []string{"X-Forwarded-For", "2001:db8:1:2::1"}},
		{"what a client claims further left", 0, []string{"X-Forwarded-For", "203.0.113.50, 192.0.2.1"}},
		{"a carrier's address", 5, []string{"X-Forwarded-For", "100.64.1.1"}},
	} {
		if passed, _ := knock(t, 5, http.MethodGet, url, c.headers...); passed != c.want {
			t.Errorf("%s: %d of 5 passed, want %d", c.who, passed, c.want)
		}
	}
}

func TestRefreshingCountsForTheSessionAndSigningInForTheAddress(t *testing.T) {
	t.Parallel()
	w := start(t, gatewaytest.Options{Auth: "1/1h:2"})
	expired := func(user string) string { return "Bearer " + w.people.token(t, user, time.Hour) }
	for _, user := range []string{"alice", "bob"} {
		if passed, _ := knock(t, 4, http.MethodPost, w.URL+"/v1/auth/refresh", "Authorization", expired(user)); passed != 2 {
			t.Errorf("%s refreshed %d times", user, passed)
		}
	}
	if passed, _ := knock(t, 4, http.MethodPost, w.URL+"/v1/auth/refresh"); passed != 2 {
		t.Errorf("without a token %d passed", passed)
	}
	if passed, _ := knock(t, 2, http.MethodPost, w.URL+"/v1/auth/login", "Authorization", w.people.bearer(t, "carol")); passed != 0 {
		t.Errorf("a token buys %d more passwords to guess", passed)
	}
}

func TestADeniedRequestWithoutATokenIsToldOfTheLimitAndNotOfTheToken(t *testing.T) {
	t.Parallel()
	w := start(t, gatewaytest.Options{Short: "2/1m"})
	for i, want := range []int{401, 401, 429} {
		if a := send(t, http.MethodGet, w.URL+"/v1/notifications", ""); a.Status != want {
			t.Errorf("request %d: %d", i, a.Status)
		}
	}
}

func TestLimitsAreSharedByAllGatewaysOfOneRedis(t *testing.T) {
	t.Parallel()
	config := redistest.Config(t)
	o := gatewaytest.Options{Short: "100/1m", General: "50/1s:100"}
	one, other := startOnRedis(t, o, config), startOnRedis(t, o, config)
	var passed atomic.Int64
	var group sync.WaitGroup
	for _, url := range []string{one.URL, other.URL} {
		for range 3 {
			group.Go(func() {
				n, _ := knock(t, 30, http.MethodGet, url+"/.well-known/jwks.json")
				passed.Add(int64(n))
			})
		}
	}
	group.Wait()
	if passed.Load() != 100 {
		t.Errorf("%d of 180 passed two gateways", passed.Load())
	}
}

func startOnRedis(t *testing.T, o gatewaytest.Options, c redispool.Config) *world {
	t.Helper()
	pool, err := redispool.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pool.Close() })
	limiter, err := redisstore.NewLimiter(redisstore.Config{Pool: pool, Keep: 2 * time.Hour, Patience: 5 * time.Second}) // the machine may be busy
	if err != nil {
		t.Fatal(err)
	}
	w := &world{people: newPeople(t), notify: serve(t, ok), sos: serve(t, ok)}
	o.AuthURLs, o.NotificationURLs, o.SOSURLs = []string{w.people.URL}, []string{w.notify.URL}, []string{w.sos.URL}
	w.Gateway = gatewaytest.StartOn(t, o, limiter, pool.Checks()...)
	return w
}

func TestWhenRedisDiesNobodyGetsA500AndLimitsHold(t *testing.T) {
	t.Parallel()
	config := redistest.Config(t)
	w := startOnRedis(t, gatewaytest.Options{Short: "30/1m", Auth: "1/1h:5"}, config)
	url := w.URL + "/.well-known/jwks.json"
	if passed, _ := knock(t, 10, http.MethodGet, url); passed != 10 {
		t.Fatalf("%d passed before", passed)
	}
	shutdown(t, config)
	if passed, _ := knock(t, 60, http.MethodGet, url); passed != 30 {
		t.Errorf("%d of 60 passed while Redis was away, want this gateway's own 30", passed)
	}
	if passed, _ := knock(t, 10, http.MethodPost, w.URL+"/v1/auth/login", "X-Forwarded-For", "192.0.2.9"); passed != 5 {
		t.Errorf("%d of 10 sign-ins passed", passed)
	}
	if a := send(t, http.MethodGet, w.URL+"/health/redis", ""); a.Status != http.StatusServiceUnavailable || !strings.Contains(a.Body, `"degraded"`) {
		t.Errorf("/health/redis: %d %s", a.Status, a.Body)
	}
	if a := send(t, http.MethodGet, w.URL+"/health", ""); !strings.Contains(a.Body, `"degraded"`) {
		t.Errorf("/health: %d %s", a.Status, a.Body)
	}
	if w.metric(t, "gateway_limiter_degraded") != 1 {
		t.Error("the metric does not say so")
	}
}

// shutdown ends a Redis server in the middle of everything.
func shutdown(t *testing.T, c redispool.Config) {
	t.Helper()
	pool, err := redispool.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = pool.Close() }()
	_, _ = pool.Do(t.Context(), "SHUTDOWN", "NOSAVE")
	eventually.True(t, "Redis is gone", func() bool { return pool.Ping(t.Context()) != nil })
}

func TestAFullGatewayShedsAtOnceAndKeepsItsLastSlotsForAlarms(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	slow := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v1/sos/tickets" {
			<-release
		}
	})
	w := start(t, gatewaytest.Options{MaxInFlight: 10, SOSURLs: []string{slow.URL}, NotificationURLs: []string{slow.URL}})
	alice := w.people.bearer(t, "alice")
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if _, err := try(t.Context(), http.MethodGet, w.URL+"/v1/notifications", "", "Authorization", alice); err != nil {
				t.Error(err)
			}
		})
	}
	eventually.True(t, "eight are in flight", func() bool { return slow.Hits.Load() == 8 })
	shed := send(t, http.MethodGet, w.URL+"/v1/notifications", "", "Authorization", alice)
	if shed.Status != http.StatusServiceUnavailable || shed.Header.Get("Retry-After") == "" || shed.problem(t).Code != "unavailable" {
		t.Errorf("the ninth: %d %s", shed.Status, shed.Body)
	}
	if a := send(t, http.MethodPost, w.URL+"/v1/auth/login", ""); a.Status != http.StatusOK {
		t.Errorf("signing in: %d", a.Status)
	}
	if a := send(t, http.MethodPost, w.URL+"/v1/sos/tickets", ""); a.Status != http.StatusOK {
		t.Errorf("an alarm: %d", a.Status)
	}
	close(release)
	group.Wait()
}

func TestHealthShowsEveryInstanceByNumberAndNoAddress(t *testing.T) {
	t.Parallel()
	second := serve(t, ok)
	w := start(t, gatewaytest.Options{AuthURLs: []string{second.URL, "http://127.0.0.1:1"}})
	var a answer
	eventually.True(t, "both live instances are up", func() bool {
		a = send(t, http.MethodGet, w.URL+"/health/services", "")
		return strings.Count(a.Body, `"status":"up"`) == 4
	})
	for _, name := range []string{"auth-1", "auth-2", "auth-3", "notification-1", "sos-1"} {
		if !strings.Contains(a.Body, fmt.Sprintf("%q", name)) {
			t.Errorf("%s is missing in %s", name, a.Body)
		}
	}
	if a.Status != http.StatusServiceUnavailable || strings.Contains(a.Body, "127.0.0.1") {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	if a := send(t, http.MethodGet, w.URL+"/health", ""); a.Status != http.StatusOK || !strings.Contains(a.Body, `"degraded"`) {
		t.Errorf("/health: %d %s", a.Status, a.Body)
	}
}

func TestHealthOfTheDatabaseIsWhatTheServicesSay(t *testing.T) {
	t.Parallel()
	h, err := health.New(health.Config{Version: "1", Checks: []health.Check{
		{Name: "primary", Group: health.Database, Role: "primary", Probe: func(context.Context) error { return nil }},
		{Name: "replica-1", Group: health.Database, Role: "replica", Probe: func(context.Context) error { return errors.New("away") }},
	}})
	if err != nil {
		t.Fatal(err)
	}
	page := serve(t, func(w http.ResponseWriter, r *http.Request) {
		for _, route := range h.Routes() {
			if route.Pattern == r.URL.Path {
				route.Handler.ServeHTTP(w, r)
			}
		}
	})
	w := start(t, gatewaytest.Options{SOSURLs: []string{page.URL}, NotificationURLs: []string{page.URL}})
	a := send(t, http.MethodGet, w.URL+"/health/database", "")
	for _, want := range []string{`"name":"sos/primary","group":"database","role":"primary","status":"up"`, `"name":"sos/replica-1","group":"database","role":"replica","status":"down"`, "notification/primary"} {
		if !strings.Contains(a.Body, want) {
			t.Errorf("%s is missing in %s", want, a.Body)
		}
	}
	if a.Status != http.StatusServiceUnavailable {
		t.Errorf("%d", a.Status)
	}
	before := page.Hits.Load()
	for range 20 {
		send(t, http.MethodGet, w.URL+"/health/database", "")
	}
	if asked := page.Hits.Load() - before; asked > 20 {
		t.Errorf("the services were asked %d times for 20 questions", asked)
	}
}

func TestAFloodOfNewAddressesEndsAtTheGatewaysOwnCeilingAndAlarmsPass(t *testing.T) {
	t.Parallel()
	w := start(t, gatewaytest.Options{Instance: "1/1h:5", General: "50/1s:100"})
	statuses := map[int]int{}
	for i := range 12 {
		a := send(t, http.MethodGet, w.URL+"/v1/notifications/push-config", "", "X-Forwarded-For", fmt.Sprintf("192.0.2.%d", i+1))
		if statuses[a.Status]++; a.Status == http.StatusServiceUnavailable && (a.problem(t).Code != "unavailable" || a.Header.Get("Retry-After") != "1") {
			t.Errorf("%v %s", a.Header, a.Body)
		}
	}
	if statuses[http.StatusOK] != 5 || statuses[http.StatusServiceUnavailable] != 7 {
		t.Errorf("%v", statuses)
	}
	if passed, _ := knock(t, 12, http.MethodPost, w.URL+"/v1/sos/tickets"); passed != 12 {
		t.Errorf("%d of 12 alarms passed", passed)
	}
	if passed, _ := knock(t, 12, http.MethodPost, w.URL+"/v1/sos/tickets/1/locations"); passed != 12 {
		t.Errorf("%d of 12 locations passed", passed)
	}
}
