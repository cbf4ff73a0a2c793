package httpserver_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/loveapp/backend/shared/eventually"
	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/metrics"
	"github.com/loveapp/backend/shared/request"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// logBook is a log that a test reads while the server writes it.
type logBook struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logBook) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *logBook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// waitFor waits: the access log is written after the client has its answer.
func (l *logBook) waitFor(t *testing.T, want string) {
	t.Helper()
	eventually.True(t, "the log says "+want, func() bool { return strings.Contains(l.String(), want) }, l.String)
}

type server struct {
	url  string
	log  *logBook
	stop context.CancelFunc
	done chan error
}

func start(t *testing.T, handler http.Handler, change func(*httpserver.Config)) *server {
	t.Helper()
	l, err := httpserver.Listen(t.Context(), "127.0.0.1", 0)
	if err != nil {
		t.Fatal(err)
	}
	book := &logBook{}
	c := httpserver.Config{Listener: l, Handler: handler, Logger: slog.New(slog.NewJSONHandler(book, nil)), Metrics: metrics.New("test")}
	if change != nil {
		change(&c)
	}
	s, err := httpserver.New(c)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	out := &server{url: s.URL(), log: book, stop: cancel, done: make(chan error, 1)}
	go func() { out.done <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		<-out.done
		http.DefaultClient.CloseIdleConnections()
	})
	return out
}

func get(t *testing.T, url string, header http.Header) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	if header != nil {
		req.Header = header
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(body)
}

func TestEachRequestHasAnIDAndOneLogEventWithoutItsQuery(t *testing.T) {
	t.Parallel()
	s := start(t, httpserver.Handler(func(w http.ResponseWriter, r *http.Request) error {
		return httpserver.WriteJSON(w, http.StatusOK, request.From(r.Context()).ID)
	}), nil)
	res, body := get(t, s.url+"/x?ticket=hush", http.Header{"X-Request-Id": {"abc-123"}})
	if res.Header.Get("X-Request-Id") != "abc-123" || body != "\"abc-123\"\n" {
		t.Fatalf("a valid id was not kept: %v %s", res.Header, body)
	}
	s.log.waitFor(t, `"request_id":"abc-123"`)
	if strings.Contains(s.log.String(), "hush") {
		t.Fatal("the query is in the log")
	}
	res, _ = get(t, s.url+"/x", http.Header{"X-Request-Id": {"a b\"; injected"}})
	if id := res.Header.Get("X-Request-Id"); len(id) != 36 {
		t.Fatalf("a hostile id was kept: %q", id)
	}
	if res.Header.Get("X-Content-Type-Options") != "nosniff" || res.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("security headers are missing: %v", res.Header)
	}
}

func TestBodiesAreCountedAsTheyPass(t *testing.T) {
	t.Parallel()
	registry := metrics.New("test")
	s := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.CopyN(io.Discard, r.Body, 3)
		_, _ = io.WriteString(w, "12345")
	}), func(c *httpserver.Config) { c.Metrics = registry })
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, s.url, strings.NewReader("body"))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	s.log.waitFor(t, `"bytes":5`) // written after the metrics
	page := httptest.NewRecorder()
	registry.Handler().ServeHTTP(page, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", http.NoBody))
	for _, want := range []string{
		`http_request_bytes_total{method="PUT",route="unmatched",service="test"} 3`,
		`http_response_bytes_total{method="PUT",route="unmatched",service="test"} 5`,
	} {
		if !strings.Contains(page.Body.String(), want) {
			t.Errorf("missing %s", want)
		}
	}
}

func TestTheHeadOfAnAnswerIsToldOnceBeforeItsBody(t *testing.T) {
	t.Parallel()
	began := time.Unix(1_700_000_000, 0)
	for name, answer := range map[string]func(http.ResponseWriter){
		"a status": func(w http.ResponseWriter) {
			w.WriteHeader(http.StatusEarlyHints) // informs, and is no head
			w.WriteHeader(http.StatusAccepted)
		},
		"a body alone": func(w http.ResponseWriter) { _, _ = io.WriteString(w, " ") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				var told []time.Time
				request.From(r.Context()).OnHead(began, func(at time.Time) { told = append(told, at) })
				answer(w)
				early := len(told)
				_, _ = io.WriteString(w, "body")
				request.From(r.Context()).Headed()
				_, _ = fmt.Fprint(w, early, len(told), told[0].Equal(began))
			}), nil)
			if _, body := get(t, s.url, nil); !strings.HasSuffix(body, "body1 1 true") {
				t.Errorf("%q", body)
			}
		})
	}
}

func TestAPanicIsAnOpaque500AndTheServerGoesOn(t *testing.T) {
	t.Parallel()
	s := start(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("secret of the house") }), nil)
	for range 2 {
		res, body := get(t, s.url, nil)
		if res.StatusCode != http.StatusInternalServerError || strings.Contains(body, "secret") || res.Header.Get("Content-Type") != "application/problem+json" {
			t.Fatalf("%d %s", res.StatusCode, body)
		}
	}
	s.log.waitFor(t, "secret of the house")
}

func TestAnErrorIsAProblemDocument(t *testing.T) {
	t.Parallel()
	s := start(t, httpserver.Handler(func(http.ResponseWriter, *http.Request) error {
		return fmt.Errorf("open: %w", fault.New(fault.Gone, "gone", "It has expired."))
	}), nil)
	if res, body := get(t, s.url, nil); res.StatusCode != http.StatusGone || !strings.Contains(body, `"code":"gone"`) {
		t.Fatalf("%d %s", res.StatusCode, body)
	}
}

func TestTheClientAddressIsTheRightMostThatNobodyTrustedVouchesFor(t *testing.T) {
	t.Parallel()
	loopback := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/8")}
	cases := map[string]struct {
		trusted   []netip.Prefix
		forwarded []string
		want      string
	}{
		"nobody trusted":          {nil, []string{"203.0.113.9"}, "127.0.0.1"},
		"no header":               {loopback, nil, "127.0.0.1"},
		"one hop":                 {loopback, []string{"203.0.113.9"}, "203.0.113.9"},
		"a forged left side":      {loopback, []string{"1.1.1.1, 203.0.113.9, 10.0.0.3"}, "203.0.113.9"},
		"several headers":         {loopback, []string{"1.1.1.1", "203.0.113.9"}, "203.0.113.9"},
		"garbage stops the walk":  {loopback, []string{"203.0.113.9, <script>"}, "127.0.0.1"},
		"IPv4 in IPv6 is the v4":  {loopback, []string{"::ffff:203.0.113.9"}, "203.0.113.9"},
		"only proxies in between": {loopback, []string{"10.0.0.2, 10.0.0.3"}, "10.0.0.2"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, httpserver.Handler(func(w http.ResponseWriter, r *http.Request) error {
				return httpserver.WriteJSON(w, http.StatusOK, request.From(r.Context()).ClientIP.String())
			}), func(conf *httpserver.Config) { conf.TrustedProxies = c.trusted })
			if _, body := get(t, s.url, http.Header{"X-Forwarded-For": c.forwarded}); body != fmt.Sprintf("%q\n", c.want) {
				t.Fatalf("took %s, want %s", body, c.want)
			}
		})
	}
}

func TestDrainingLetsRequestsFinish(t *testing.T) {
	t.Parallel()
	arrived, release := make(chan struct{}), make(chan struct{})
	drained := make(chan struct{})
	s := start(t, httpserver.Handler(func(w http.ResponseWriter, _ *http.Request) error {
		close(arrived)
		<-release
		return httpserver.WriteJSON(w, http.StatusOK, "done")
	}), func(c *httpserver.Config) { c.OnDrain = func() { close(drained) } })
	got := make(chan string, 1)
	go func() {
		_, body := get(t, s.url, nil)
		got <- body
	}()
	<-arrived
	s.stop()
	<-drained
	close(release)
	if body := <-got; body != "\"done\"\n" {
		t.Fatalf("the request in hand got %q", body)
	}
	if err := <-s.done; err != nil {
		t.Fatal(err)
	}
	s.done <- nil // for the cleanup
}

func TestAHandlerCanTakeTheConnectionOver(t *testing.T) {
	t.Parallel()
	s := start(t, httpserver.Handler(func(w http.ResponseWriter, _ *http.Request) error {
		conn, buf, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return err
		}
		defer func() { _ = conn.Close() }()
		_, err = buf.WriteString("raw\n")
		return errors.Join(err, buf.Flush())
	}), nil)
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_, _ = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	if line, err := bufio.NewReader(conn).ReadString('\n'); line != "raw\n" {
		t.Fatalf("%q %v", line, err)
	}
	s.log.waitFor(t, `"status":101`)
}

func TestATakenPortIsOneClearSentence(t *testing.T) {
	t.Parallel()
	l, err := httpserver.Listen(t.Context(), "127.0.0.1", 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	port := l.Addr().(*net.TCPAddr).Port
	if port >= 32768 {
		t.Fatalf("port %d is in the range of outgoing connections", port)
	}
	_, err = httpserver.Listen(t.Context(), "127.0.0.1", port)
	if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("port %d is taken", port)) {
		t.Fatalf("said %v", err)
	}
}
