package gateway_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/loveapp/backend/gateway/gatewaytest"
	"github.com/loveapp/backend/shared/eventually"
	"github.com/loveapp/backend/shared/httpserver"
)

// flaky is an instance whose connections end after the request has been read,
// before a byte is answered, as long as it is broken.
type flaky struct {
	URL      string
	received atomic.Int64
	logins   atomic.Int64
	broken   atomic.Bool
}

// flakyInstance is whole at first, so that its connections are kept.
func flakyInstance(t *testing.T) *flaky {
	t.Helper()
	f := &flaky{}
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadAll(r.Body)
		f.received.Add(1)
		if r.URL.Path == "/v1/auth/login" {
			f.logins.Add(1)
		}
		if f.broken.Load() {
			panic(http.ErrAbortHandler)
		}
		ok(w, r)
	})
	f.URL = s.URL
	return f
}

func TestAPostWithoutAKeyIsDeliveredOnceWhenItsInstanceDiesAfterReading(t *testing.T) {
	t.Parallel()
	one, other := flakyInstance(t), flakyInstance(t)
	w := start(t, gatewaytest.Options{SOSURLs: []string{one.URL, other.URL}})
	for one.received.Load() == 0 || other.received.Load() == 0 {
		send(t, http.MethodPost, w.URL+"/v1/sos/tickets/1/comment", "{}")
		send(t, http.MethodPost, w.URL+"/v1/sos/tickets", "{}")
	}
	one.broken.Store(true)
	other.broken.Store(true)
	for name, c := range map[string]struct {
		path    string
		headers []string
	}{
		"a comment":             {"/v1/sos/tickets/1/comment", nil},
		"an alarm":              {"/v1/sos/tickets", nil},
		"a key by another name": {"/v1/sos/tickets/1/comment", []string{"X-Idempotency-Key", "k"}},
	} {
		before := one.received.Load() + other.received.Load()
		a := send(t, http.MethodPost, w.URL+c.path, "{}", c.headers...)
		if a.Status != http.StatusBadGateway || a.problem(t).Code != "bad_gateway" || strings.Contains(a.Body, "127.0.0.1") {
			t.Errorf("%s: %d %s", name, a.Status, a.Body)
		}
		if n := one.received.Load() + other.received.Load() - before; n != 1 {
			t.Errorf("%s was delivered %d times", name, n)
		}
	}
}

func TestWhatIsSafeIsTriedOnAnotherInstance(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		method, path, key string
	}{
		"GET":                 {http.MethodGet, "/v1/sos/tickets/1", ""},
		"a POST with a key":   {http.MethodPost, "/v1/sos/tickets/1/comment", "k"},
		"an alarm with a key": {http.MethodPost, "/v1/sos/tickets", "k"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			broken, whole := flakyInstance(t), serve(t, ok)
			broken.broken.Store(true)
			w := start(t, gatewaytest.Options{SOSURLs: []string{broken.URL, whole.URL}})
			eventually.True(t, "both are ready", func() bool { return w.metric(t, "gateway_instance_ready") == 4 })
			for i := 0; i < 100 && broken.received.Load() < 2; i++ { // chance decides who is asked first
				a := send(t, c.method, w.URL+c.path, body(c.method), "Idempotency-Key", c.key)
				if a.Status != http.StatusOK || a.echoed(t).Body != body(c.method) {
					t.Errorf("request %d: %d %s", i, a.Status, a.Body)
				}
			}
			if broken.received.Load() == 0 {
				t.Error("the broken instance was never asked")
			}
		})
	}
}

func body(method string) string {
	if method == http.MethodPost {
		return `{"note":"x"}`
	}
	return ""
}

func TestSigningInIsNeverSentTwiceWhateverKeyItCarries(t *testing.T) {
	t.Parallel()
	one, other := flakyInstance(t), flakyInstance(t)
	logins := func() int64 { return one.logins.Load() + other.logins.Load() }
	g := gatewaytest.Start(t, gatewaytest.Options{AuthURLs: []string{one.URL, other.URL}})
	login := func() int {
		return send(t, http.MethodPost, g.URL+"/v1/auth/login", "{}", "Idempotency-Key", "k").Status
	}
	for one.logins.Load() == 0 || other.logins.Load() == 0 { // so that connections are kept
		if status := login(); status != http.StatusOK {
			t.Fatal(status)
		}
	}
	one.broken.Store(true)
	other.broken.Store(true)
	before := logins()
	for range 3 {
		if status := login(); status != http.StatusBadGateway {
			t.Error(status)
		}
	}
	if n := logins() - before; n != 3 {
		t.Errorf("three sign-ins were delivered %d times", n)
	}
}

func TestADeadInstanceCostsNobodyAnAnswer(t *testing.T) {
	t.Parallel()
	dead, alive := serve(t, ok), serve(t, ok)
	w := start(t, gatewaytest.Options{SOSURLs: []string{dead.URL, alive.URL}})
	dead.Kill()
	for i := range 30 {
		method, path := http.MethodGet, "/v1/sos/tickets/1"
		if i%2 == 1 { // nothing was sent, so that even a POST without a key may go elsewhere
			method, path = http.MethodPost, "/v1/sos/tickets/1/comment"
		}
		if a := send(t, method, w.URL+path, body(method)); a.Status != http.StatusOK {
			t.Errorf("request %d: %d %s", i, a.Status, a.Body)
		}
	}
}

func TestAServiceThatIsAwayIsUnavailable(t *testing.T) {
	t.Parallel()
	g := gatewaytest.Start(t, gatewaytest.Options{})
	a := send(t, http.MethodGet, g.URL+"/v1/sos/emergency-numbers", "")
	if a.Status != http.StatusServiceUnavailable || a.Header.Get("Retry-After") == "" || a.problem(t).Code != "unavailable" || strings.Contains(a.Body, "127.0.0.1") {
		t.Errorf("%d %s", a.Status, a.Body)
	}
}

func TestWhatAnInstanceAnswersInNonsenseIsABadGateway(t *testing.T) {
	t.Parallel()
	nonsense := scripted(t, func(conn net.Conn) { _, _ = io.WriteString(conn, "NONSENSE\r\n\r\n") })
	g := gatewaytest.Start(t, gatewaytest.Options{SOSURLs: []string{nonsense}})
	if a := send(t, http.MethodGet, g.URL+"/v1/sos/emergency-numbers", ""); a.Status != http.StatusBadGateway || a.problem(t).Code != "bad_gateway" {
		t.Errorf("%d %s", a.Status, a.Body)
	}
}

// scripted is an instance that reads a head and then does as it is told.
func scripted(t *testing.T, answer func(net.Conn)) string {
	t.Helper()
	l, err := httpserver.Listen(t.Context(), "127.0.0.1", 0)
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	group.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			group.Go(func() {
				defer func() { _ = conn.Close() }()
				_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
				if _, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
					answer(conn)
				}
			})
		}
	})
	t.Cleanup(func() { _ = l.Close(); group.Wait() })
	return "http://" + l.Addr().String()
}

func TestInformationalAnswersDoNotWipeTheGatewaysHeaders(t *testing.T) {
	t.Parallel()
	early := scripted(t, func(conn net.Conn) {
		_, _ = io.WriteString(conn, "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
	})
	g := gatewaytest.Start(t, gatewaytest.Options{SOSURLs: []string{early}})
	a := send(t, http.MethodGet, g.URL+"/v1/sos/emergency-numbers", "")
	if a.Body != "ok" || a.Header.Get("X-Request-Id") == "" || a.Header.Get("Strict-Transport-Security") == "" {
		t.Errorf("%v", a.Header)
	}
}

func TestRequestsGoToTheInstanceWithTheFewestOpen(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	hold := func(_ http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/v1/sos/tickets/") {
			<-release
		}
	}
	one, two, three := serve(t, hold), serve(t, hold), serve(t, hold)
	w := start(t, gatewaytest.Options{SOSURLs: []string{one.URL, two.URL, three.URL}})
	eventually.True(t, "all are ready", func() bool { return w.metric(t, "gateway_instance_ready") == 5 })
	var group sync.WaitGroup
	total := func() int64 { return one.Hits.Load() + two.Hits.Load() + three.Hits.Load() }
	for n := range int64(12) {
		group.Go(func() {
			if _, err := try(t.Context(), http.MethodGet, w.URL+"/v1/sos/tickets/1", ""); err != nil {
				t.Error(err)
			}
		})
		eventually.True(t, "the request is held", func() bool { return total() == n+1 })
	}
	for _, s := range []*service{one, two, three} {
		if n := s.Hits.Load(); n != 4 {
			t.Errorf("an instance holds %d of 12", n)
		}
	}
	close(release)
	group.Wait()
}

func TestAnInstanceThatIsNotReadyGetsNothingWhileAnotherIs(t *testing.T) {
	t.Parallel()
	var unready atomic.Bool
	draining := serveReadiness(t, &unready)
	steady := serve(t, ok)
	w := start(t, gatewaytest.Options{SOSURLs: []string{draining.URL, steady.URL}})
	eventually.True(t, "both are ready", func() bool { return w.metric(t, "gateway_instance_ready") == 4 })
	unready.Store(true)
	eventually.True(t, "one is not", func() bool { return w.metric(t, "gateway_instance_ready") == 3 })
	before := draining.Hits.Load()
	for range 20 {
		send(t, http.MethodGet, w.URL+"/v1/sos/emergency-numbers", "")
	}
	if n := draining.Hits.Load() - before; n != 0 {
		t.Errorf("it got %d of 20", n)
	}
	steady.Kill()
	eventually.True(t, "nobody is ready", func() bool { return w.metric(t, "gateway_instance_ready") == 2 })
	if a := send(t, http.MethodGet, w.URL+"/v1/sos/emergency-numbers", ""); a.Status != http.StatusOK {
		t.Errorf("when none is ready, all are tried: %d %s", a.Status, a.Body)
	}
}

// serveReadiness is serve with a health page that the test turns.
func serveReadiness(t *testing.T, unready *atomic.Bool) *service {
	t.Helper()
	s := serve(t, ok)
	inner := s.server.Handler
	s.server.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/health/ready" && unready.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		inner.ServeHTTP(w, r)
	})
	return s
}

func TestAServiceThatFailsIsLeftAloneAndAnswersSaySo(t *testing.T) {
	t.Parallel()
	failing := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) })
	w := start(t, gatewaytest.Options{SOSURLs: []string{failing.URL}})
	url := w.URL + "/v1/sos/emergency-numbers"
	for range 20 {
		send(t, http.MethodGet, url, "")
	}
	asked := failing.Hits.Load()
	a := send(t, http.MethodGet, url, "")
	if a.Status != http.StatusServiceUnavailable || a.Header.Get("Retry-After") != "5" || a.Header.Get("X-Circuit-Breaker") != "open" || failing.Hits.Load() != asked {
		t.Errorf("%d %v after %d questions more", a.Status, a.Header, failing.Hits.Load()-asked)
	}
	if a := send(t, http.MethodPost, w.URL+"/v1/sos/tickets", ""); a.Status != http.StatusInternalServerError {
		t.Errorf("an alarm does not pass the breaker: %d", a.Status)
	}
	if a := send(t, http.MethodPost, w.URL+"/v1/auth/login", ""); a.Status != http.StatusOK {
		t.Errorf("another service: %d", a.Status)
	}
	if w.metric(t, "gateway_breaker_state") != 2 || w.metric(t, "gateway_breaker_trips_total") != 1 {
		t.Error("the metrics do not say so")
	}
}

func TestClientsThatLeaveAndRequestsAtFaultLeaveTheBreakerClosed(t *testing.T) {
	t.Parallel()
	slow := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/v1/sos/tickets/1" {
			<-r.Context().Done()
			return
		}
		w.WriteHeader(http.StatusNotFound)
	})
	w := start(t, gatewaytest.Options{SOSURLs: []string{slow.URL}})
	var group sync.WaitGroup
	for range 40 {
		group.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			if _, err := try(ctx, http.MethodGet, w.URL+"/v1/sos/tickets/1", ""); !errors.Is(err, context.DeadlineExceeded) {
				t.Error(err)
			}
		})
	}
	group.Wait()
	for range 40 {
		send(t, http.MethodGet, w.URL+"/v1/sos/emergency-numbers", "")
	}
	eventually.True(t, "all have been let go", func() bool { return w.metric(t, "gateway_slots_taken") == 0 })
	if w.metric(t, "gateway_breaker_state") != 0 || w.metric(t, "gateway_ejections_total") != 0 {
		t.Error("a breaker has opened")
	}
}

func TestAnAlarmThatNobodyTakesIsToldWhatToDialWithinTwoSeconds(t *testing.T) {
	t.Parallel()
	for name, urls := range map[string][]string{
		"refused":     {"http://127.0.0.1:1", "http://127.0.0.2:1", "http://127.0.0.3:1"},
		"never there": {"http://192.0.2.1:3003", "http://192.0.2.2:3003", "http://192.0.2.3:3003", "http://192.0.2.4:3003"}, // TEST-NET-1: no answer at all
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := start(t, gatewaytest.Options{SOSURLs: urls})
			began := time.Now()
			a := send(t, http.MethodPost, w.URL+"/v1/sos/tickets", `{"emergencyType":"medical"}`, "Idempotency-Key", "k")
			if a.Status != http.StatusServiceUnavailable || a.Header.Get("Retry-After") == "" {
				t.Errorf("%d %s", a.Status, a.Body)
			}
			if f := a.problem(t).Fallback; f.Tel != "112" || f.SMSText == "" {
				t.Errorf("%s", a.Body)
			}
			if took := time.Since(began); took > 4*time.Second { // 2 s and what a busy machine adds
				t.Errorf("it took %s", took)
			}
		})
	}
}

func TestAnAlarmFindsTheOnlyInstanceThatLives(t *testing.T) {
	t.Parallel()
	alive := serve(t, ok)
	urls := []string{"http://127.0.0.1:1", "http://127.0.0.2:1", "http://127.0.0.3:1", "http://127.0.0.4:1", "http://127.0.0.5:1", alive.URL}
	w := start(t, gatewaytest.Options{SOSURLs: urls})
	for range 20 { // without a key: nothing was sent to those that are dead
		if a := send(t, http.MethodPost, w.URL+"/v1/sos/guest/tickets", "{}"); a.Status != http.StatusOK {
			t.Errorf("%d %s", a.Status, a.Body)
		}
	}
}

func TestAnEventStreamPassesAsItComesAndHoldsNoSlot(t *testing.T) {
	t.Parallel()
	next := make(chan string)
	events := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		_ = http.NewResponseController(w).Flush()
		for event := range next {
			_, _ = io.WriteString(w, event)
			_ = http.NewResponseController(w).Flush()
		}
	})
	w := start(t, gatewaytest.Options{NotificationURLs: []string{events.URL}})
	req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, w.URL+"/v1/events?ticket=x", http.NoBody)
	resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	lines := bufio.NewReader(resp.Body)
	for _, event := range []string{"id: 1\n", "id: 2\n"} {
		next <- event
		if got, err := lines.ReadString('\n'); got != event || err != nil {
			t.Errorf("%q, %v", got, err)
		}
	}
	eventually.True(t, "it holds no slot", func() bool { return w.metric(t, "gateway_slots_taken") == 0 })
	close(next)
	if _, err := lines.ReadByte(); !errors.Is(err, io.EOF) {
		t.Errorf("the stream ended with %v", err)
	}
}

func TestABodyThatComesTooSlowlyHoldsNoSlotAndReachesNoService(t *testing.T) {
	t.Parallel()
	w := start(t, gatewaytest.Options{MaxInFlight: 10})
	for range 30 {
		conn := dial(t, w.URL)
		if _, err := io.WriteString(conn, "POST /v1/sos/public/track HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"); err != nil {
			t.Fatal(err)
		}
	}
	if a := send(t, http.MethodPost, w.URL+"/v1/sos/public/track", "{}"); a.Status != http.StatusOK {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	if n := w.sos.Hits.Load(); n != 1 {
		t.Errorf("the service got %d requests", n)
	}
}
