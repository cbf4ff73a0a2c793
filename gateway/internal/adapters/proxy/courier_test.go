package proxy_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/loveapp/backend/gateway/internal/adapters/proxy"
	"github.com/loveapp/backend/gateway/internal/domain"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/request"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// wire is a transport whose instances are functions.
type wire struct {
	mu    sync.Mutex
	asked map[string]int
	deaf  map[string]bool // hosts that take no connection
	reply func(host string, req *http.Request) (*http.Response, error)
}

func (w *wire) RoundTrip(req *http.Request) (*http.Response, error) {
	w.mu.Lock()
	w.asked[req.URL.Host]++
	w.mu.Unlock()
	if w.deaf[req.URL.Host] {
		<-req.Context().Done()
		return nil, req.Context().Err()
	}
	if trace := httptrace.ContextClientTrace(req.Context()); trace != nil && trace.GotConn != nil {
		trace.GotConn(httptrace.GotConnInfo{})
	}
	resp, err := w.reply(req.URL.Host, req)
	if resp != nil {
		resp.Request = req
	}
	return resp, err
}

func (w *wire) total() (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, asked := range w.asked {
		n += asked
	}
	return n
}

func status(code int) (*http.Response, error) {
	return &http.Response{StatusCode: code, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(""))}, nil
}

func open(tb testing.TB) *proxy.Proxy {
	tb.Helper()
	p, err := proxy.New(proxy.Config{Logger: slog.New(slog.DiscardHandler), Metrics: prometheus.NewRegistry(), MaxTunnels: 10_000})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(p.Close)
	return p
}

// bench is a route before the given instances on a wire.
type bench struct {
	*wire
	proxy   *proxy.Proxy
	handler httpserver.Handler
}

func over(tb testing.TB, kind domain.Kind, reply func(host string, req *http.Request) (*http.Response, error), hosts ...string) *bench {
	tb.Helper()
	b := &bench{wire: &wire{asked: make(map[string]int), reply: reply}, proxy: open(tb)}
	b.proxy.Fleet(domain.SOS).Set(hosts)
	b.proxy.Fleet(domain.SOS).MarkReady()
	b.handler = b.proxy.HandlerVia(domain.Route{Service: domain.SOS, Kind: kind, Timeout: 10 * time.Second}, b.wire)
	return b
}

func (b *bench) get(ctx context.Context) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, quietly(ctx))
	return w
}

func quietly(ctx context.Context) *http.Request {
	ctx = request.With(ctx, &request.Info{ID: "id", Logger: slog.New(slog.DiscardHandler)})
	return httptest.NewRequestWithContext(ctx, http.MethodGet, "/v1/x", http.NoBody)
}

func (b *bench) statuses(ctx context.Context, n int) map[int]int {
	got := make(map[int]int)
	for range n {
		got[b.get(ctx).Code]++
	}
	return got
}

func TestTheBreakerOpensProbesAndCloses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		code := http.StatusInternalServerError
		b := over(t, domain.Plain, func(string, *http.Request) (*http.Response, error) { return status(code) }, "a:1")
		for _, step := range []struct {
			what  string
			wait  time.Duration
			code  int
			n     int
			want  map[int]int
			asked int
		}{
			{"below the volume", 0, 500, 19, map[int]int{500: 19}, 19},
			{"the twentieth opens it", 0, 500, 1, map[int]int{500: 1}, 1},
			{"open, nobody is asked", 0, 500, 10, map[int]int{503: 10}, 0},
			{"still open", 4 * time.Second, 500, 1, map[int]int{503: 1}, 0},
			{"one probe fails and opens it again", 2 * time.Second, 500, 5, map[int]int{500: 1, 503: 4}, 1},
			{"three probes succeed and close it", 6 * time.Second, 200, 3, map[int]int{200: 3}, 3},
			{"closed, with a clean slate", 0, 500, 19, map[int]int{500: 19}, 19},
		} {
			<-time.After(step.wait)
			code = step.code
			before := b.total()
			if diff := cmp.Diff(step.want, b.statuses(t.Context(), step.n)); diff != "" {
				t.Errorf("%s: %s", step.what, diff)
			}
			if asked := b.total() - before; asked != step.asked {
				t.Errorf("%s: %d were asked, want %d", step.what, asked, step.asked)
			}
		}
	})
}

func TestOldFailuresAreForgotten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := over(t, domain.Plain, func(string, *http.Request) (*http.Response, error) { return status(500) }, "a:1")
		for range 10 {
			if diff := cmp.Diff(map[int]int{500: 10}, b.statuses(t.Context(), 10)); diff != "" {
				t.Error(diff)
			}
			<-time.After(11 * time.Second)
		}
	})
}

func TestAnInstanceThatFailsIsEjectedAndReadmitted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		bad := true
		b := over(t, domain.Plain, func(host string, _ *http.Request) (*http.Response, error) {
			if host == "bad:1" && bad {
				return status(500)
			}
			return status(200)
		}, "bad:1", "good:1")
		b.statuses(t.Context(), 60)
		ejectedAfter := b.asked["bad:1"]
		if ejectedAfter < 5 || ejectedAfter > 30 {
			t.Errorf("asked %d times before it was ejected", ejectedAfter)
		}
		if diff := cmp.Diff(map[int]int{200: 50}, b.statuses(t.Context(), 50)); diff != "" || b.asked["bad:1"] != ejectedAfter {
			t.Errorf("it is still asked: %s", diff)
		}
		bad = false
		<-time.After(6 * time.Second)
		b.statuses(t.Context(), 100)
		if again := b.asked["bad:1"] - ejectedAfter; again < 20 {
			t.Errorf("asked %d times of 100 after it had recovered", again)
		}
	})
}

func TestNeverMoreThanHalfAreEjectedHoweverBadAllAre(t *testing.T) {
	t.Parallel()
	for hosts, want := range map[int]int{1: 0, 2: 1, 3: 1, 4: 2} {
		names := []string{"a:1", "b:1", "c:1", "d:1"}[:hosts]
		b := over(t, domain.Trigger, func(string, *http.Request) (*http.Response, error) { return status(500) }, names...)
		plain := b.proxy.HandlerVia(domain.Route{Service: domain.SOS, Timeout: time.Second}, b.wire)
		for range 200 {
			plain.ServeHTTP(httptest.NewRecorder(), quietly(t.Context()))
		}
		ejected := 0
		for _, s := range b.proxy.Fleet(domain.SOS).States() {
			if s.Ejected {
				ejected++
			}
		}
		if ejected > want {
			t.Errorf("%d of %d are ejected", ejected, hosts)
		}
	}
}

func TestRetriesAreATenthOfTheRequestsAndASmallReserve(t *testing.T) {
	t.Parallel()
	n := 0
	b := over(t, domain.Plain, func(string, *http.Request) (*http.Response, error) {
		if n++; n%5 < 2 {
			return nil, io.EOF // the connection died before a byte came back
		}
		return status(200)
	}, "a:1", "b:1", "c:1", "d:1")
	const requests = 500
	got := b.statuses(t.Context(), requests)
	if retries := b.total() - requests; retries < 20 || retries > requests/10+10 {
		t.Errorf("%d retries for %d requests: %v", retries, requests, got)
	}
}

func TestAnInstanceThatHangsCostsTheRoutesTime(t *testing.T) {
	t.Parallel()
	for name, kind := range map[string]domain.Kind{"a whole answer": domain.Plain, "the head of a stream": domain.Events, "an alarm": domain.Trigger} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := over(t, kind, func(_ string, req *http.Request) (*http.Response, error) {
					<-req.Context().Done()
					return nil, req.Context().Err()
				}, "a:1", "b:1")
				began := time.Now()
				w := b.get(t.Context())
				if took := time.Since(began); w.Code != http.StatusGatewayTimeout || took != 10*time.Second || b.total() != 1 {
					t.Errorf("%d after %s and %d instances", w.Code, took, b.total())
				}
				if alarm := strings.Contains(w.Body.String(), `"tel":"112"`); alarm != (kind == domain.Trigger) {
					t.Errorf("%s", w.Body)
				}
			})
		})
	}
}

func TestAnAlarmTriesEveryInstanceWithinTwoSecondsHoweverManyTakeNoConnection(t *testing.T) {
	t.Parallel()
	for range 10 { // chance decides who is asked first
		synctest.Test(t, func(t *testing.T) {
			b := over(t, domain.Trigger, func(string, *http.Request) (*http.Response, error) { return status(http.StatusCreated) },
				"a:1", "b:1", "c:1", "d:1", "e:1", "f:1", "g:1", "alive:1")
			b.deaf = map[string]bool{"a:1": true, "b:1": true, "c:1": true, "d:1": true, "e:1": true, "f:1": true, "g:1": true}
			w, began := httptest.NewRecorder(), time.Now()
			r := quietly(t.Context())
			r.Method = http.MethodPost // without a key: where no connection came about, nothing was sent
			b.handler.ServeHTTP(w, r)
			if took := time.Since(began); w.Code != http.StatusCreated || took > 2*time.Second {
				t.Errorf("%d after %s", w.Code, took)
			}
		})
	}
}

func TestAStreamThatHasBegunIsNotTimed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := over(t, domain.Events, func(_ string, req *http.Request) (*http.Response, error) {
			reader, writer := io.Pipe()
			go func() {
				for range 5 {
					select {
					case <-time.After(30 * time.Second):
						_, _ = io.WriteString(writer, "tick ")
					case <-req.Context().Done():
					}
				}
				_ = writer.Close()
			}()
			return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, ContentLength: -1, Body: reader}, nil
		}, "a:1")
		if w := b.get(t.Context()); strings.Count(w.Body.String(), "tick") != 5 {
			t.Errorf("%d %q", w.Code, w.Body)
		}
	})
}

func TestAnInstanceKeepsItsNumberAsOthersComeAndGo(t *testing.T) {
	t.Parallel()
	p := open(t)
	f := p.Fleet(domain.Auth)
	names := func() (names []string) {
		for _, s := range f.States() {
			names = append(names, s.Name)
		}
		return names
	}
	f.Set([]string{"a:1", "b:1", "c:1"})
	f.MarkReady()
	f.Set([]string{"b:1", "c:1"})
	if diff := cmp.Diff([]string{"auth-2", "auth-3"}, names()); diff != "" {
		t.Error(diff)
	}
	f.Set([]string{"b:1", "c:1", "d:1"})
	states := f.States()
	if states[0].Name != "auth-1" || states[0].Ready || !states[1].Ready {
		t.Errorf("%+v", states)
	}
}

func TestAHoleInTheConfigIsRefused(t *testing.T) {
	t.Parallel()
	if _, err := proxy.New(proxy.Config{}); err == nil {
		t.Error("no error")
	}
}
